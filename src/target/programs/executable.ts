import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A command's file on PATH, as a shell would find it. */
export function findExecutable(command: string): string | undefined {
  const dirs = (process.env.PATH ?? '').split(delimiter);
  return dirs.map((dir) => join(dir || '.', command)).find(isExecutable);
}

/** A server's: Debian keeps them where only root's PATH leads. */
export function findServer(command: string): string | undefined {
  return (
    findExecutable(command) ?? ['/usr/sbin', '/sbin'].map((dir) => join(dir, command)).find(isExecutable)
  );
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
