import { UsageError } from '../errors.ts';
import { isUnconfinedWanted, mustBeConfined } from '../target/confine/confinement.ts';
import { type QemuTarget, resolveQemu } from '../target/programs/binary.ts';
import type { Program } from '../target/programs/program.ts';
import type { Flavour } from '../trace/observation.ts';

/** Every program that the options name: each QEMU, in each flavour that it has and that is wanted. */
export async function programsOf(
  specs: string[] | undefined,
  flavour: Flavour | 'both',
): Promise<{ target: QemuTarget; flavour: Flavour }[]> {
  const targets = await Promise.all((specs ?? [undefined]).map((spec) => resolveQemu(spec).then(asWanted)));
  mustBeConfined(); // not before: where there is no QEMU, that is what to mend first
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

/** `--unconfined` goes with the programs: workers are other processes. */
function asWanted(target: QemuTarget): QemuTarget {
  if (!isUnconfinedWanted()) return target;
  const { system, daemon } = target;
  return {
    ...target,
    ...(system && { system: unconfined(system) }),
    ...(daemon && { daemon: unconfined(daemon) }),
  };
}

const unconfined = (program: Program): Program => ({
  ...program,
  needs: { reads: [], ...program.needs, unconfined: true },
});
