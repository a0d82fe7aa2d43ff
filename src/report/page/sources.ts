import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { idsIn } from '../../findings/list.ts';
import { openFindings } from '../../findings/store.ts';
import { type StoredFinding, storedFinding } from '../../findings/stored.ts';
import { fileLimits, readFile } from '../../read-file.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import { readTrace } from '../../trace/stored-trace.ts';
import { type Diff, parseDiff } from './diff-file.ts';
import { parseResult, type Result } from './result-file.ts';

/** What a report is made of. `complaints`: a line for each finding of a store that can't be read. */
export type Source =
  | { is: 'result'; file: string; result: Result }
  | { is: 'diff'; file: string; diff: Diff }
  | { is: 'store'; dir: string; findings: StoredFinding[]; complaints: string[] }
  | { is: 'finding'; stored: StoredFinding }
  | { is: 'trace'; file: string; trace: Trace };

/** A file or a directory, or else the id of a finding in the store. Throws UsageError where it is none of these. */
export function readSource(name: string, store: string): Source {
  const stat = statSync(name, { throwIfNoEntry: false });
  if (!stat) {
    if (!/^[0-9a-f]{1,12}$/.test(name)) throw new UsageError(`${name}: no such file or directory`);
    return { is: 'finding', stored: openFindings(store).read(name) };
  }
  if (stat.isDirectory()) return directory(name);
  if (basename(name) === 'finding.json') return { is: 'finding', stored: storedFinding(dirname(name)) };
  return file(name);
}

/** A store; of one that is not there yet, nothing. */
export function readStore(dir: string): Source {
  const { findings, complaints } = openFindings(dir).list();
  return {
    is: 'store',
    dir,
    findings: findings.map(({ path, id }) => storedFinding(join(dir, path || id))),
    complaints,
  };
}

function directory(dir: string): Source {
  if (existsSync(join(dir, 'finding.json'))) return { is: 'finding', stored: storedFinding(dir) };
  if (idsIn(dir).length > 0) return readStore(dir);
  throw new UsageError(
    `${dir}: neither a finding nor a store of findings`,
    'give --findings for a store that is empty',
  );
}

function file(name: string): Source {
  if (/\.jsonl(\.gz)?$/.test(name)) return { is: 'trace', file: name, trace: readTrace(name) };
  let value: Json;
  try {
    value = JSON.parse(readFile(name, fileLimits.traceBytes).toString());
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A trace by another name is JSON, too, a line at a time.
    if (isTrace(name)) return { is: 'trace', file: name, trace: readTrace(name) };
    throw new UsageError(`${name}: neither JSON nor a trace`);
  }
  if (isJsonObject(value) && value.kind === 'opened')
    return { is: 'trace', file: name, trace: readTrace(name) };
  if (isJsonObject(value) && Array.isArray(value.groups))
    return { is: 'diff', file: name, diff: parseDiff(value, name) };
  return { is: 'result', file: name, result: parseResult(value, name) };
}

function isTrace(name: string): boolean {
  try {
    return readTrace(name).length > 0;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
