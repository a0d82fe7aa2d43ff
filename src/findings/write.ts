import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locked } from './lock.ts';

/*
 * Whoever is killed in the middle of these leaves the store whole: what is unfinished has a name beginning with
 * `.new-`, which nobody reads. They are called with the store locked.
 */

/** A new directory with these files: it is there with all of them, or not at all. */
export function addDirectory(store: string, name: string, files: Record<string, string>): void {
  const unfinished = join(store, unfinishedName(name));
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  for (const [file, text] of Object.entries(files)) writeFile(join(unfinished, file), text);
  // Of a directory that lost its finding.json there is nothing to keep.
  rmSync(join(store, name), { recursive: true, force: true });
  renameSync(unfinished, join(store, name));
}

/** Files of a directory, replaced one by one, in this order: each is whole at any time. */
export function replaceFiles(store: string, name: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    const unfinished = join(store, unfinishedName(`${name}-${file}`));
    writeFile(unfinished, text);
    renameSync(unfinished, join(store, name, file));
  }
}

/** A directory goes, and its name leads to another one of the store. */
export function linkDirectory(store: string, name: string, to: string): void {
  const gone = join(store, unfinishedName(name));
  rmSync(gone, { recursive: true, force: true });
  renameSync(join(store, name), gone);
  symlinkSync(to, join(store, name));
  rmSync(gone, { recursive: true, force: true });
}

/** Removes what killed writers left. Nothing where the store can't be written, which reading does not need. */
export function sweep(store: string): void {
  const isLeft = (name: string): boolean => name.startsWith(unfinishedName(''));
  if (!readdirSync(store).some(isLeft)) return;
  // Under the lock nobody else is writing: what is unfinished then stays so.
  locked(store, () => {
    for (const name of readdirSync(store).filter(isLeft))
      rmSync(join(store, name), { recursive: true, force: true });
  });
}

const unfinishedName = (name: string): string => `.new-${name}`;

function writeFile(file: string, text: string): void {
  writeFileSync(file, text);
  if (file.endsWith('.sh')) chmodSync(file, 0o755);
}
