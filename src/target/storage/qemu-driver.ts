import { limits } from '../limits.ts';
import { askProgram } from '../programs/ask-program.ts';
import type { QemuTarget } from '../programs/binary.ts';

/** A node that the driver itself refuses before it asks any server, and what it says then. */
export type DriverProbe = { blockdev: string; refusal: RegExp };

/** Whether a QEMU has a driver of its block layer: Debian packs some of them apart. */
export async function hasDriver(
  { system, daemon }: QemuTarget,
  { blockdev, refusal }: DriverProbe,
): Promise<boolean> {
  const program = system ?? daemon;
  if (!program) return false;
  const machine = program === system ? ['-machine', 'none', '-nodefaults', '-display', 'none'] : [];
  const answer = await askProgram(program, [...machine, '--blockdev', blockdev], {
    deadlineMs: limits.versionDeadlineMs,
  });
  return answer.outcome === 'ended' && refusal.test(answer.stderr);
}
