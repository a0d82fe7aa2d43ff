import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, UsageError } from '../errors.ts';
import { readTrace } from '../execute/stored-trace.ts';
import { parseSequence } from '../sequence/parse.ts';
import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { printTrace } from '../trace/lines.ts';
import type { Trace } from '../trace/observation.ts';
import { type Affected, type Finding, printFinding, type Status } from './finding.ts';
import { type Found, isBetter, joined, metAgain, newFinding, nowAffected } from './found.ts';
import { idsIn, isId, listFindings, readFinding } from './list.ts';
import { locked } from './lock.ts';
import { readableSequence } from './readable.ts';
import { bugReport } from './report.ts';
import { reproScript } from './repro/script.ts';
import { isSameDefect, leader, mayBeSame, mayJoin, type Told } from './same-defect.ts';
import { addDirectory, linkDirectory, replaceFiles, sweep } from './write.ts';

/** A directory of findings, `<id>/` each; several processes may write to it at once. */
export type Findings = {
  dir: string;
  /**
   * Adds a finding, or notes that a known one was met again. Where it turns out to be one defect with others (`joined`),
   * the most serious stays (`id`), and the ids of the rest lead there. Throws EnvironmentError where it can't be written.
   */
  record(found: Found): { id: string; isNew: boolean; joined: string[] };
  /** The most serious and then the newest first; `complaints`: a line for each that can't be read. */
  list(): { findings: Finding[]; complaints: string[] };
  /** By id, or the beginning of one. Throws UsageError where there is none, or are several. */
  read(id: string): StoredFinding;
  /** On these QEMUs it was tried again; what was said of them before no longer counts. */
  setAffected(id: string, rows: readonly Affected[]): Finding;
  /** The finding was met that many times more. */
  metAgain(id: string, times: number): void;
  setStatus(id: string, triage: { status: Status; note?: string; link?: string }): Finding;
};

export type StoredFinding = {
  finding: Finding;
  dir: string;
  /** The minimal sequence, the one it was shrunk from, and what was seen of the minimal one. */
  sequence(): Sequence;
  original(): Sequence;
  trace(): Trace;
};

/** Opens a store; its directory need not be there before the first finding is. What a killed writer left is removed. */
export function openFindings(dir: string): Findings {
  if (existsSync(dir)) sweep(dir);
  return {
    dir,
    record(found) {
      return writing(() => {
        mkdirSync(dir, { recursive: true });
        return locked(dir, () => add(found));
      });
    },
    list: () => listFindings(dir),
    read,
    setAffected(id, rows) {
      return writing(() =>
        locked(dir, () => {
          const stored = read(id);
          const finding = nowAffected(stored.finding, rows);
          replaceFiles(dir, finding.id, toldAnew(finding, stored.trace()));
          return finding;
        }),
      );
    },
    metAgain(id, times) {
      writing(() =>
        locked(dir, () => {
          const { finding } = read(id);
          const count = finding.count + times;
          const met = { ...finding, count, lastSeen: new Date().toISOString() };
          replaceFiles(dir, finding.id, { [findingFile]: printFinding(met) });
        }),
      );
    },
    setStatus(id, { status, note, link }) {
      return writing(() =>
        locked(dir, () => {
          const { finding } = read(id);
          const links = link === undefined ? finding.links : [...new Set([...finding.links, link])];
          const triaged = {
            ...finding,
            status,
            links,
            known: status !== 'new',
            ...(note === undefined ? {} : { note }),
          };
          replaceFiles(dir, finding.id, { [findingFile]: printFinding(triaged) });
          return triaged;
        }),
      );
    },
  };

  function add(found: Found): { id: string; isNew: boolean; joined: string[] } {
    const fresh = newFinding(found, new Date());
    const { id: own } = fresh;
    if (!existsSync(join(dir, own, findingFile))) {
      addDirectory(dir, own, filesOf(fresh, found));
      return { ...joinSame({ finding: fresh, sequence: found.sequence }), isNew: true };
    }
    const stored = read(own);
    const finding = metAgain(stored, found, new Date());
    const { id } = finding;
    const kept = isBetter(stored, found) ? undefined : readableSequence(stored);
    replaceFiles(dir, id, kept ? toldAnew(finding, stored.trace()) : filesOf(finding, found));
    return { ...joinSame({ finding, sequence: kept ?? found.sequence }), isNew: false };
  }

  /** Looks for findings that are the same defect, told by other rules. */
  function joinSame(one: Told): { id: string; joined: string[] } {
    const others: string[] = [];
    let whole = one;
    for (const finding of mayJoin(one.finding) ? listFindings(dir).findings : []) {
      if (finding.id === one.finding.id || !mayBeSame(one.finding, finding)) continue;
      const sequence = readableSequence(read(finding.id));
      const other = sequence && { finding, sequence };
      if (!other || !isSameDefect(one, other)) continue;
      whole = asOne(whole, other);
      others.push(finding.id);
    }
    return { id: whole.finding.id, joined: others };
  }

  function asOne(one: Told, other: Told): Told {
    const first = leader(one, other);
    const second = first === one ? other : one;
    const finding = joined(first.finding, second.finding);
    replaceFiles(dir, finding.id, toldAnew(finding, read(finding.id).trace()));
    linkDirectory(dir, second.finding.id, finding.id);
    return { ...first, finding };
  }

  function read(id: string): StoredFinding {
    const at = join(dir, wholeId(dir, id));
    const sequenceOf = (name: string): Sequence => {
      const file = join(at, name);
      return parseSequence(readText(file), file);
    };
    return {
      finding: readFinding(at),
      dir: at,
      sequence: () => sequenceOf('sequence.json'),
      original: () => sequenceOf('original.json'),
      trace: () => readTrace(join(at, 'trace.jsonl')),
    };
  }

  function writing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      throw new EnvironmentError(
        `can't write to ${dir}: ${error.message}`,
        'free some space there, or give another directory with --findings',
        { cause: error },
      );
    }
  }
}

const findingFile = 'finding.json';

/** In the order of writing: finding.json, which speaks of the others, comes last. */
function filesOf(finding: Finding, { sequence, original, trace }: Found): Record<string, string> {
  return {
    'original.json': printSequence(original),
    'sequence.json': printSequence(sequence),
    'trace.jsonl': printTrace(trace),
    'repro.sh': reproScript(finding, trace),
    ...toldAnew(finding, trace),
  };
}

/** What is written again where only what is said of a finding has changed. */
const toldAnew = (finding: Finding, trace: Trace): Record<string, string> => ({
  'README.md': bugReport(finding, trace),
  [findingFile]: printFinding(finding),
});

/** The id that a user means by the beginning of it. */
function wholeId(dir: string, begun: string): string {
  if (isId(begun) && existsSync(join(dir, begun))) return begun;
  const ids = begun === '' ? [] : idsIn(dir).filter((id) => id.startsWith(begun));
  const [only] = ids;
  if (only === undefined)
    throw new UsageError(`there is no finding "${begun}" in ${dir}`, 'mirrorfuzz findings list');
  if (ids.length === 1) return only;
  throw new UsageError(`${ids.length} findings begin with "${begun}": ${ids.slice(0, 5).join(', ')}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: can't be read: ${(error as Error).message}`);
  }
}
