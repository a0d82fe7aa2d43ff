import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.ts';
import type { Fact } from '../judge/facts/fact.ts';
import { fileLimits, readFile } from '../read-file.ts';
import type { Trace } from '../trace/observation.ts';
import { readTrace } from '../trace/stored-trace.ts';
import { type Finding, parseFinding } from './finding.ts';
import { recognised } from './rejudged.ts';
import { asListed } from './weight.ts';

/** Every finding of a store: the most serious first, then the newest, `fixed` ones last; a line for each that can't be read. */
export function listFindings(dir: string): { findings: Finding[]; complaints: string[] } {
  const findings: Finding[] = [];
  const complaints: string[] = [];
  for (const id of idsIn(dir)) {
    try {
      findings.push(readFinding(join(dir, id)));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      complaints.push(error.message);
    }
  }
  return { findings: findings.sort(inOrder), complaints };
}

/** Ids of the findings of a store; none where there is no store yet. */
export const idsIn = (dir: string): string[] => namesIn(dir).filter(isId);

/** What is in a store, by name. A link is left out: it is another name of the finding that it leads to. */
export function namesIn(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true }).filter((entry) => !entry.isSymbolicLink());
    return entries.map(({ name }) => name).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new UsageError(`--findings ${dir}: is not a directory`, another);
    throw new UsageError(`--findings ${dir}: can't be read: ${message}`, another);
  }
}

const another = 'give another directory with --findings';

export const isId = (name: string): boolean => /^[0-9a-f]{12}$/.test(name);

/** The finding of a directory. Throws UsageError naming file and field where it is none. */
export function readFinding(dir: string): Finding {
  const file = join(dir, 'finding.json');
  return withTodaysSignature(parseFinding(readFile(file, fileLimits.jsonBytes).toString(), file), dir);
}

/**
 * A finding of format 1, or with facts that lack what tells causes apart today, has the signature of its time; today's is
 * that of its trace, so that it is recognised when it is met again. Its id stays.
 */
function withTodaysSignature(finding: Finding, dir: string): Finding {
  if (finding.schema !== 1 && !lacksCause(finding.violation.facts)) return finding;
  const known = recognisedBefore.get(dir);
  if (known && isDeepStrictEqual(known.as, finding)) return known.finding;
  const trace = traceOf(dir);
  const now = trace === undefined ? finding : recognised(finding, trace);
  recognisedBefore.set(dir, { as: finding, finding: now });
  return now;
}

/** They name no more than the job. */
const isToldInFull: ReadonlySet<string> = new Set(['progress', 'effect', 'announced']);

function lacksCause(facts: Fact | undefined): boolean {
  switch (facts?.shape) {
    case 'content':
      return facts.cause === undefined;
    case 'lacking':
      return !(isToldInFull.has(facts.what) || 'during' in facts || 'jobs' in facts || 'heldBy' in facts);
    case 'left':
      return facts.what === 'node' && facts.by === undefined;
    default:
      return false;
  }
}

/** A hunt lists its store again and again, and judging takes some milliseconds a finding. */
const recognisedBefore = new Map<string, { as: Finding; finding: Finding }>();

/** undefined where it can't be read: then the finding is known by what it says itself. */
function traceOf(dir: string): Trace | undefined {
  try {
    return readTrace(join(dir, 'trace.jsonl'));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function inOrder(a: Finding, b: Finding): number {
  return asListed(a, b) || b.lastSeen.localeCompare(a.lastSeen) || a.id.localeCompare(b.id);
}
