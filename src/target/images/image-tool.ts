import { UsageError } from '../../errors.ts';
import { installPackages } from '../install/install-command.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { identify } from '../programs/program.ts';
import type { Lack } from '../storage/trial.ts';

/** Why nobody can look at images here; undefined where qemu-img is there and starts. */
export async function lackOfImageTool({ img }: QemuTarget): Promise<Lack | undefined> {
  const remedy = installPackages('qemu-utils');
  if (!img) return { lacks: `it is not installed, ${unjudged}`, remedy };
  try {
    const { role } = await identify(img);
    return role === 'img' ? undefined : { lacks: `${img.argv[0]} is another program, ${unjudged}`, remedy };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { lacks: `${error.message}, ${unjudged}`, remedy };
  }
}

const unjudged = 'so no image is judged';
