import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { limits } from './limits.ts';
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

async function dataDirs({ argv, env }: Program): Promise<string[] | undefined> {
  const [file, ...args] = argv;
  const timeout = limits.versionDeadlineMs;
  const result = await execa(file as string, [...args, '-L', 'help'], {
    env,
    reject: false,
    stdin: 'ignore',
    timeout,
  });
  return result.failed ? undefined : result.stdout.split('\n').filter(Boolean);
}
