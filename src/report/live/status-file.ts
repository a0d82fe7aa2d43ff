import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { fileLimits, readFile } from '../../read-file.ts';
import { type HuntStatus, huntStatusSchema } from './hunt-status.ts';

/**
 * Keeps a hunt's status in a file of its store, replaced as a whole every two seconds. It is for those who watch: where
 * it can't be written the hunt goes on without, and the page says how old what it shows is.
 */
export function keepStatusFile(
  store: string,
  status: (state: HuntStatus['state']) => HuntStatus,
  everyMs = writtenEveryMs,
): { end(): void } {
  const dir = join(store, liveDir);
  const { host, pid, startedAt } = status('hunting');
  const name = `${host.replaceAll(/[^\w.-]/g, '_').slice(0, 64)}-${pid}-${Date.parse(startedAt)}.json`;
  let ended = false;
  quietly(() => {
    mkdirSync(dir, { recursive: true });
    sweep(dir);
  });
  write('hunting');
  const timer = setInterval(() => write('hunting'), everyMs);
  timer.unref();
  return {
    end() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      write('ended');
    },
  };

  function write(state: HuntStatus['state']): void {
    quietly(() => {
      const unfinished = join(dir, `.${name}`);
      writeFileSync(unfinished, JSON.stringify(status(state)));
      renameSync(unfinished, join(dir, name));
    });
  }
}

/** The status files of a store as they are now: name and time of change, by which one that is known need not be read. */
export function listStatusFiles(store: string): { file: string; stamp: string }[] {
  return namesIn(join(store, liveDir)).flatMap((name) => {
    const file = join(store, liveDir, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat?.isFile() ? [{ file, stamp: `${stat.mtimeMs} ${stat.size} ${stat.ino}` }] : [];
  });
}

/** Throws UsageError where it is no status. */
export function readStatusFile(file: string): HuntStatus {
  const text = readFile(file, fileLimits.jsonBytes).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file}: is no JSON`);
  }
  const { data, error } = huntStatusSchema.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  throw new UsageError(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}

export const liveDir = '.live';
/** A file takes some milliseconds to make, less than one in a thousand of a hunt's time. */
const writtenEveryMs = 2000;
/** Hunts that ended, or were killed, stay to be looked at until another one begins after this. */
const keptMs = 3_600_000;

/** What hunts left that are over for long, or were killed in the middle of writing. */
function sweep(dir: string): void {
  const before = Date.now() - keptMs;
  for (const name of readdirSync(dir)) {
    const file = join(dir, name);
    if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < before) rmSync(file, { force: true });
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => /^[\w-][\w.-]*\.json$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}
