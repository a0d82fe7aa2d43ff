import { disksMadeBySteps } from './new-disk.ts';
import { referencesIn } from './reference.ts';
import type { Sequence } from './sequence.ts';

/**
 * Whether a step makes a disk where an earlier step had QEMU make a file: the image would be written over what QEMU may
 * have open. The other way round is `mode: existing`.
 */
export function isMadeOver(sequence: Sequence): boolean {
  const files = new Map(disksMadeBySteps(sequence).map(({ name, format }) => [name, `${name}.${format}`]));
  const [byQemu, made] = [new Set<string>(), new Set<string>()];
  for (const step of sequence.steps) {
    const references = 'qmp' in step ? referencesIn(step.args ?? {}) : [];
    for (const reference of references) {
      if (reference.kind !== 'newDisk') continue;
      const { disk } = reference;
      if (!made.has(disk) && byQemu.has(files.get(disk) ?? '')) return true;
      made.add(disk);
    }
    for (const reference of references) if (reference.kind === 'newFile') byQemu.add(reference.file);
  }
  return false;
}
