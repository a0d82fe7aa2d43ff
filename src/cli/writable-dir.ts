import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/** A directory that is there and can be written to, or that could be made: looked at before the work, not after it. */
export function writableDir(option: string, dir: string): string {
  const wanted = resolve(dir);
  try {
    let there = wanted;
    while (!statSync(there, { throwIfNoEntry: false })) there = dirname(there);
    if (!statSync(there).isDirectory()) throw new Error(`${there} is a file`);
    accessSync(there, constants.W_OK | constants.X_OK);
    return wanted;
  } catch (error) {
    throw new UsageError(`--${option} ${dir}: ${(error as Error).message}`, 'give another directory');
  }
}
