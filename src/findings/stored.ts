import { join } from 'node:path';
import { fileLimits, readFile } from '../read-file.ts';
import { parseSequence } from '../sequence/parse.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Trace } from '../trace/observation.ts';
import { readTrace } from '../trace/stored-trace.ts';
import type { Finding } from './finding.ts';
import { readFinding } from './list.ts';

export type StoredFinding = {
  finding: Finding;
  dir: string;
  /** The minimal sequence, the one it was shrunk from, and what was seen of the minimal one. */
  sequence(): Sequence;
  original(): Sequence;
  trace(): Trace;
};

/** The finding of a directory. Throws UsageError naming file and field where it, or what is asked of it, is spoilt. */
export function storedFinding(dir: string): StoredFinding {
  const sequenceOf = (name: string): Sequence => {
    const file = join(dir, name);
    return parseSequence(readText(file), file);
  };
  return {
    finding: readFinding(dir),
    dir,
    sequence: () => sequenceOf('sequence.json'),
    original: () => sequenceOf('original.json'),
    trace: () => readTrace(join(dir, 'trace.jsonl')),
  };
}

const readText = (file: string): string => readFile(file, fileLimits.jsonBytes).toString();
