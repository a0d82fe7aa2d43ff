import { disksMadeBySteps } from './new-disk.ts';
import { asReference } from './reference.ts';
import type { Sequence } from './sequence.ts';
import type { Json, Step } from './step.ts';

/**
 * Whether a step makes a disk where an earlier step had QEMU make a file: the image would be written over what QEMU may
 * have open. The other way round is `mode: existing`.
 */
export function isMadeOver(sequence: Sequence): boolean {
  const files = new Map(disksMadeBySteps(sequence).map(({ name, format }) => [name, `${name}.${format}`]));
  const [byQemu, made] = [new Set<string>(), new Set<string>()];
  for (const step of sequence.steps) {
    const { newFiles, newDisks } = madeBy(step);
    for (const disk of newDisks) {
      if (!made.has(disk) && byQemu.has(files.get(disk) ?? '')) return true;
      made.add(disk);
    }
    for (const file of newFiles) byQemu.add(file);
  }
  return false;
}

function madeBy(step: Step): { newFiles: string[]; newDisks: string[] } {
  const [newFiles, newDisks]: [string[], string[]] = [[], []];
  const visit = (value: Json): void => {
    const reference = asReference(value);
    if (reference?.kind === 'newFile') newFiles.push(reference.file);
    else if (reference?.kind === 'newDisk') newDisks.push(reference.disk);
    else if (!reference && value !== null && typeof value === 'object')
      for (const inner of Object.values(value)) visit(inner);
  };
  if ('qmp' in step) visit(step.args ?? {});
  return { newFiles, newDisks };
}
