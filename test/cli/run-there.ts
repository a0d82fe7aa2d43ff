import { execa } from 'execa';
import { type Lesser, layOut } from './machine-without.ts';
import { binary } from './program-path.ts';

export type There = { code: number | undefined; said: string; elapsedMs: number };

/** Lays a lesser machine out in `dir`; what it returns runs mirrorfuzz there, in that directory. */
export function machineIn(dir: string, lesser: Lesser): (args: readonly string[]) => Promise<There> {
  const { before, path, qemu } = layOut(lesser, dir);
  const options = [...(lesser.options ?? []), ...(qemu === undefined ? [] : ['--qemu', qemu])];
  return async (args) => {
    const begunMs = performance.now();
    const [file, ...words] = [...before, binary, ...args, ...options];
    const { exitCode, all } = await execa(file as string, words, {
      cwd: dir,
      env: { PATH: path },
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: 240_000,
    });
    return { code: exitCode, said: all ?? '', elapsedMs: performance.now() - begunMs };
  };
}

/** Draws what needs servers as often as anything else, finds no time to shrink, and leaves the repository alone. */
export const huntFor = (time: string): string[] => [
  ...['hunt', '--time', time, '--seed', '7', '--no-shrink', '--workers', '1', '--json', 'hunt.json'],
  ...['--properties', 'real-storage,integrity', '--findings', 'findings', '--corpus', 'corpus'],
];
