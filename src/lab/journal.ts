import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { limits } from './limits.ts';

/**
 * What a coordinator must not forget when it is killed, as lines of a file; written before a result is acknowledged. When
 * it has grown, it is written anew as one line that sums it up, so that it stays as short as the campaign's state. A
 * killed process loses nothing; after a power failure the last lines may be missing, and their shards are done again.
 */
export type Journal<State, Entry> = {
  add(entry: Entry): void;
  close(): void;
  /** The campaign is over: there is nothing to go on with. */
  remove(): void;
  /** As it was found. */
  readonly found: { state: State | undefined; entries: readonly Entry[] };
};

/** `sumUp` gives the state that all entries so far make. Throws EnvironmentError where the file can't be written. */
export function openJournal<State, Entry>(file: string, sumUp: () => State): Journal<State, Entry> {
  const found = read<State, Entry>(file);
  let descriptor = -1;
  let bytes = Number.POSITIVE_INFINITY; // the first entry writes it anew
  let most = 0;

  return {
    found,
    add(entry) {
      try {
        if (bytes > most) return renew();
        bytes += writeSync(descriptor, `${JSON.stringify({ entry })}\n`);
      } catch (error) {
        throw new EnvironmentError(
          `the campaign's journal ${file} can't be written: ${(error as Error).message}`,
          'make room there, or give another directory with --findings',
        );
      }
    },
    close() {
      if (descriptor !== -1) closeSync(descriptor);
      descriptor = -1;
    },
    remove() {
      this.close();
      rmSync(file, { force: true });
    },
  };

  /** The entry is in the state already. */
  function renew(): void {
    const text = `${JSON.stringify({ state: sumUp() })}\n`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    if (descriptor !== -1) closeSync(descriptor);
    descriptor = openSync(file, 'a');
    bytes = text.length;
    most = Math.max(limits.journalBytesMax, 3 * text.length);
  }
}

function read<State, Entry>(file: string): { state: State | undefined; entries: Entry[] } {
  if (!existsSync(file)) return { state: undefined, entries: [] };
  const entries: Entry[] = [];
  let state: State | undefined;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const value = parsed(line);
    if (value === undefined) continue; // a last line cut short was not acknowledged
    if ('state' in value) state = value.state as State;
    else entries.push(value.entry as Entry);
  }
  return { state, entries };
}

function parsed(line: string): { state?: unknown; entry?: unknown } | undefined {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}
