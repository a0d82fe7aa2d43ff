import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readSequences } from '../corpus/read.ts';
import { UsageError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { readFinding } from '../findings/list.ts';
import { readable } from '../findings/readable.ts';
import { openFindings } from '../findings/store.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Trace } from '../trace/observation.ts';
import { readTrace } from '../trace/stored-trace.ts';

/** What `replay` and `shrink` are about: a finding's minimal sequence, or that of a file, of which nothing is known. */
export type Subject = {
  name: string;
  file: string;
  sequence: Sequence;
  finding?: Finding;
  /** The directory of findings that it is in. */
  store?: string;
};

/**
 * `word` is a sequence file, a finding's directory, or a finding's id or the beginning of one. Throws UsageError where
 * it is nothing of that.
 */
export function readSubject(word: string, findingsDir: string): Subject {
  const stat = statSync(word, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return findingAt(resolve(word));
  if (stat) return { ...only(word), file: word };
  if (!/^[0-9a-f]{1,12}$/.test(word)) {
    throw new UsageError(
      `${word}: no such file or directory, and no finding's id`,
      'mirrorfuzz findings list',
    );
  }
  return findingAt(openFindings(findingsDir).read(word).dir);
}

function findingAt(dir: string): Subject {
  if (!existsSync(join(dir, 'finding.json')))
    throw new UsageError(`${dir}: holds no finding.json, so it is no finding`, 'give it a sequence file');
  const finding = readFinding(dir);
  const file = join(dir, 'sequence.json');
  return { name: finding.id, file, sequence: only(file).sequence, finding, ...storeOf(dir, finding) };
}

/** What was seen of a finding when it was recorded; nothing where that can't be read. */
export const traceOf = ({ file }: Subject): Trace =>
  readable(() => readTrace(join(dirname(file), 'trace.jsonl'))) ?? [];

/** A finding that was copied out of its store under another name can be read, not written. */
const storeOf = (dir: string, { id }: Finding): { store?: string } =>
  basename(dir) === id ? { store: dirname(dir) } : {};

function only(file: string): { name: string; sequence: Sequence } {
  const [read] = readSequences([file]);
  if (!read) throw new Error(`unreachable: ${file} was read and is not there`);
  return read;
}
