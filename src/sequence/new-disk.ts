import type { Disk, ImageFormat } from './arena.ts';
import { asReference, type Reference } from './reference.ts';
import type { Sequence } from './sequence.ts';
import type { Json, QmpStep } from './step.ts';

/** Every disk that some step makes: its template is prepared before the first step, so that steps stay fast. */
export function disksMadeBySteps(sequence: Sequence): Disk[] {
  const made = new Map<string, Disk>();
  for (const step of sequence.steps) {
    if (!('qmp' in step)) continue;
    const visit = (value: Json): void => {
      const reference = asReference(value);
      if (reference?.kind === 'newDisk') {
        if (!made.has(reference.disk)) made.set(reference.disk, newDisk(reference, step, sequence));
      } else if (!reference && value !== null && typeof value === 'object') {
        for (const inner of Object.values(value)) visit(inner);
      }
    };
    visit(step.args ?? {});
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
