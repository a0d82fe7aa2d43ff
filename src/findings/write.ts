import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { namesIn } from './list.ts';
import { locked } from './lock.ts';

/*
 * Whoever is killed in the middle of these leaves the store whole. What is not written to its end lies under a name that
 * begins with `.new-`, and is removed. Files that are to replace those of a finding are all written first, then their
 * directory becomes `.ready-<id>`, and from then on they count: whoever has the lock next moves the rest of them. All
 * of these are called with the store locked.
 */

/** A new directory with these files: it is there with all of them, or not at all. */
export function addDirectory(store: string, name: string, files: Record<string, string>): void {
  const unfinished = writeAll(store, name, files);
  rmSync(join(store, name), { recursive: true, force: true }); // a link that leads nowhere
  renameSync(unfinished, join(store, name));
}

/** Files of a directory are replaced: all of them, or none. */
export function replaceFiles(store: string, name: string, files: Record<string, string>): void {
  renameSync(writeAll(store, name, files), join(store, `${readyPrefix}${name}`));
  moveReady(store, name);
}

/** A directory goes, and its name leads to another one of the store. */
export function linkDirectory(store: string, name: string, to: string): void {
  const [gone, link] = [name, `${name}-link`].map((each) => join(store, `${unfinishedPrefix}${each}`));
  for (const left of [gone, link]) rmSync(left as string, { recursive: true, force: true });
  symlinkSync(to, link as string);
  renameSync(join(store, name), gone as string);
  renameSync(link as string, join(store, name));
  rmSync(gone as string, { recursive: true, force: true });
}

/** Ends what killed writers began. To be called before anything is written. */
export function finishMoves(store: string): void {
  for (const name of readdirSync(store))
    if (name.startsWith(readyPrefix)) moveReady(store, name.slice(readyPrefix.length));
}

/** The same, and removes what they left. Nothing where the store can't be written, which reading does not need. */
export function sweep(store: string): void {
  const isUnfinished = (name: string): boolean => name.startsWith(unfinishedPrefix);
  if (!namesIn(store).some((name) => isUnfinished(name) || name.startsWith(readyPrefix))) return;
  try {
    // Under the lock nobody else is writing: what is unfinished then stays so.
    locked(store, () => {
      finishMoves(store);
      for (const name of readdirSync(store).filter(isUnfinished))
        rmSync(join(store, name), { recursive: true, force: true });
    });
  } catch (error) {
    if (!(error instanceof EnvironmentError || (error as NodeJS.ErrnoException).syscall)) throw error;
  }
}

const unfinishedPrefix = '.new-';
const readyPrefix = '.ready-';

function moveReady(store: string, name: string): void {
  const ready = join(store, `${readyPrefix}${name}`);
  const files = existsSync(join(store, name)) ? readdirSync(ready) : []; // somebody removed the finding
  for (const file of files) renameSync(join(ready, file), join(store, name, file));
  rmSync(ready, { recursive: true, force: true });
}

/** Where there is no room for all of it, nothing of it is left. */
function writeAll(store: string, name: string, files: Record<string, string>): string {
  const unfinished = join(store, `${unfinishedPrefix}${name}`);
  rmSync(unfinished, { recursive: true, force: true });
  try {
    mkdirSync(unfinished);
    for (const [file, text] of Object.entries(files)) writeFile(join(unfinished, file), text);
    return unfinished;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function writeFile(file: string, text: string): void {
  writeFileSync(file, text);
  if (file.endsWith('.sh')) chmodSync(file, 0o755);
}
