import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { SequenceChange } from '../change.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** Disks and iothreads, the last first. A disk that is only a job's target may as well be made by the job's step. */
export const disks: Pass = {
  name: 'disks',
  sites(sequence) {
    const { disks, iothreads = [] } = sequence.arena;
    return [
      ...disks.map((disk, i) => [withoutDisk(sequence, disk, i), madeByStep(sequence, disk, i)]),
      ...iothreads.map((name, i) => [withoutIothread(disks, name, i)]),
    ].reverse();
  },
};

function withoutDisk({ arena }: Sequence, { name }: Disk, at: number): SequenceChange {
  const overlays = arena.disks.flatMap(({ backing }, i) =>
    backing === name ? [{ path: ['arena', 'disks', i, 'backing'] }] : [],
  );
  return [{ path: ['arena', 'disks', at] }, ...overlays];
}

/** The first step that names it makes it; the later ones find it under its name. */
function madeByStep(sequence: Sequence, disk: Disk, at: number): SequenceChange {
  const use = [...placesIn(sequence.steps as Json, [])].find(
    ({ key, value }) => key === 'target' && isDisk(value, disk.name),
  );
  const without = withoutDisk(sequence, disk, at);
  return use ? [...without, { path: ['steps', ...use.path], to: { newDisk: disk.name } }] : without;
}

const isDisk = (value: Json, name: string): boolean =>
  value === name || JSON.stringify(value) === JSON.stringify({ disk: name });

function withoutIothread(disks: readonly Disk[], name: string, at: number): SequenceChange {
  const users = disks.flatMap(({ iothread }, i) =>
    iothread === name ? [{ path: ['arena', 'disks', i, 'iothread'] }] : [],
  );
  return [{ path: ['arena', 'iothreads', at] }, ...users];
}
