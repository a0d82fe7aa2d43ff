import { UsageError } from '../errors.ts';
import { type QemuTarget, resolveQemu } from '../target/binary.ts';
import type { Flavour } from '../trace/observation.ts';

/** Every program that the options name: each QEMU, in each flavour that it has and that is wanted. */
export async function programsOf(
  specs: string[] | undefined,
  flavour: Flavour | 'both',
): Promise<{ target: QemuTarget; flavour: Flavour }[]> {
  const targets = await Promise.all((specs ?? [undefined]).map((spec) => resolveQemu(spec)));
  return targets.flatMap((target) => {
    const there = (['system', 'daemon'] as const).filter(
      (each) => target[each] && (flavour === 'both' || flavour === each),
    );
    if (there.length === 0) {
      const name = flavour === 'daemon' ? 'qemu-storage-daemon' : 'qemu-system-x86_64';
      throw new UsageError(
        `${target.label} (${target.path}) has no ${name}`,
        `--flavour ${flavour === 'daemon' ? 'system' : 'daemon'}`,
      );
    }
    return there.map((each) => ({ target, flavour: each }));
  });
}
