import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';

/** Moves a file or directory that is spoilt out of the way, beside where it was, and returns its new name. */
export function setAside(path: string): string {
  let aside = `${path}.spoilt`;
  for (let number = 2; existsSync(aside); number++) aside = `${path}.spoilt-${number}`;
  renameSync(path, aside);
  return basename(aside);
}
