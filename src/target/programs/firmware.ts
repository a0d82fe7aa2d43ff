import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { limits } from '../limits.ts';
import { askProgram } from './ask-program.ts';
import type { Program } from './program.ts';

/**
 * A QEMU that was built elsewhere and copied here does not find its firmware and can't start a PC. It is then pointed
 * at the build tree's or the host's: the BIOS of any version will do, no guest code of ours depends on it.
 */
export async function withFirmware(system: Program): Promise<Program> {
  const own = await dataDirs(system);
  if (own === undefined || holdBios(own)) return system;
  const near = dirname(system.argv[0] as string);
  const borrowed = [...nearbyDirs.map((dir) => join(near, dir)), ...hostDirs].filter(existsSync);
  if (!holdBios(borrowed)) return system;
  return { ...system, argv: [...system.argv, ...borrowed.flatMap((dir) => ['-L', dir])] };
}

const nearbyDirs = ['pc-bios', '../pc-bios'];
const hostDirs = ['/usr/share/qemu', '/usr/share/seabios', '/usr/local/share/qemu'];

function holdBios(dirs: readonly string[]): boolean {
  return dirs.some((dir) => existsSync(join(dir, 'bios-256k.bin')));
}

async function dataDirs(system: Program): Promise<string[] | undefined> {
  const answer = await askProgram(system, ['-L', 'help'], { deadlineMs: limits.versionDeadlineMs });
  if (answer.outcome !== 'ended' || answer.code !== 0) return undefined;
  return answer.stdout.split('\n').filter(Boolean);
}
