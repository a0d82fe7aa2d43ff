import { execa } from 'execa';
import type { QemuTarget } from '../binary.ts';
import { limits } from '../limits.ts';

/** A node that the driver itself refuses before it asks any server, and what it says then. */
export type DriverProbe = { blockdev: string; refusal: RegExp };

/** Whether a QEMU has a driver of its block layer: Debian packs some of them apart. */
export async function hasDriver(
  { system, daemon }: QemuTarget,
  { blockdev, refusal }: DriverProbe,
): Promise<boolean> {
  const program = system ?? daemon;
  if (!program) return false;
  const [file, ...first] = program.argv;
  const machine = program === system ? ['-machine', 'none', '-nodefaults', '-display', 'none'] : [];
  const { stderr } = await execa(file as string, [...first, ...machine, '--blockdev', blockdev], {
    stdin: 'ignore',
    reject: false,
    extendEnv: true,
    env: program.env,
    timeout: limits.versionDeadlineMs,
    killSignal: 'SIGKILL',
  });
  return refusal.test(stderr);
}
