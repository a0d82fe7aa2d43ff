import type { Disk, ImageFormat } from './arena.ts';
import { asReference, type Reference, referencesIn } from './reference.ts';
import type { Sequence } from './sequence.ts';
import type { QmpStep } from './step.ts';

/** Every disk that some step makes: its template is prepared before the first step, so that steps stay fast. */
export function disksMadeBySteps(sequence: Sequence): Disk[] {
  const made = new Map<string, Disk>();
  for (const step of sequence.steps) {
    if (!('qmp' in step)) continue;
    for (const reference of referencesIn(step.args ?? {}))
      if (reference.kind === 'newDisk' && !made.has(reference.disk))
        made.set(reference.disk, newDisk(reference, step, sequence));
  }
  return [...made.values()];
}

/** What a step makes is raw or qcow2. */
const formatLike = (format: ImageFormat | undefined): 'raw' | 'qcow2' =>
  format === undefined || format === 'raw' ? 'raw' : 'qcow2';

/** Format and size of the disk that the command reads from, unless given. */
export function newDisk(
  reference: Extract<Reference, { kind: 'newDisk' }>,
  step: QmpStep,
  sequence: Sequence,
): Disk {
  const device = asReference(step.args?.device ?? null);
  const source =
    sequence.arena.disks.find((disk) => device?.kind === 'disk' && disk.name === device.disk) ??
    sequence.arena.disks.find((disk) => disk.open !== false);
  return {
    name: reference.disk,
    format: reference.format ?? formatLike(source?.format),
    sizeBytes: reference.sizeBytes ?? source?.sizeBytes ?? 2 ** 20,
    fill: 'empty',
    ...(reference.backing === undefined ? {} : { backing: reference.backing }),
  };
}
