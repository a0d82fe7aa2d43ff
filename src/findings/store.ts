import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, UsageError } from '../errors.ts';
import { printSequence } from '../sequence/print.ts';
import { printTrace } from '../trace/lines.ts';
import type { Trace } from '../trace/observation.ts';
import type { AblationTable } from './ablated.ts';
import type { Affected } from './affected.ts';
import { apart } from './apart.ts';
import { bugReport } from './bug-report/bug-report.ts';
import { type BlockRuns, type Finding, type Note, printFinding, type Status } from './finding.ts';
import { idsIn, isId, listFindings } from './list.ts';
import { locked } from './lock.ts';
import { isBetter, joined, metAgain, type NewFinding, newFinding, nowAffected } from './new-finding.ts';
import { readable, readableSequence } from './readable.ts';
import { renewed } from './renewed.ts';
import { reproScript } from './repro/script.ts';
import { isSameDefect, leader, type MinimalFinding, mayBeSame, mayJoin } from './same-defect.ts';
import { checkShownBy } from './shown-by.ts';
import { setAsideSpoilt } from './spoilt.ts';
import { compareCauses } from './stacks/cause.ts';
import { type Stack, withFresh } from './stacks/stack.ts';
import { type StoredFinding, storedFinding } from './stored.ts';
import { storedAs } from './stored-as.ts';
import { withTwin } from './twin.ts';
import { addDirectory, finishMoves, linkDirectory, replaceFiles, sweep } from './write.ts';

/** A directory of findings, `<id>/` each; several processes may write to it at once. */
export type Findings = {
  dir: string;
  /**
   * Adds a finding, or notes that a known one was met again. Where it turns out to be one defect with others (`joined`),
   * the most serious stays (`id`), and the ids of the rest lead there. What is stored of it and can't be read is set
   * aside; `spoilt` says what, and where it is now. Throws EnvironmentError where it can't be written.
   */
  record(found: NewFinding): RecordedInStore;
  /** The most serious and then the newest first; `complaints`: a line for each that can't be read. */
  list(): { findings: Finding[]; complaints: string[] };
  /** By id, or the beginning of one. Throws UsageError where there is none, or are several. */
  read(id: string): StoredFinding;
  /**
   * On these QEMUs it was tried again; what was said of them before no longer counts. Where it is gone from the newest
   * of them its status becomes `fixed`.
   */
  setAffected(id: string, rows: readonly Affected[]): Finding;
  /** What of its minimal sequence is decisive. */
  setAblation(id: string, ablation: AblationTable): Finding;
  /** What running the block of its README.md has shown. */
  setBlock(id: string, block: BlockRuns): Finding;
  /** The finding was met that many times more. */
  metAgain(id: string, times: number): void;
  /**
   * What debuggers saw of it now; it may turn out to be one defect with others (`joined`), of which the most serious stays.
   */
  setStacks(id: string, stacks: readonly Stack[]): Joined;
  triage(id: string, triage: Triage): Finding;
  /** Somebody has found out that a finding of another store is the same defect (`withTwin`). */
  join(id: string, twin: Finding): Finding;
  /** Every file that is derived from the rest is written anew, in today's words. */
  renew(id: string): Finding;
};

/** What somebody has decided; what is absent stays as it is. */
export type Triage = { status?: Status; note?: Note; link?: string; title?: string; fixedIn?: string };

/** `joined`: the others that it is one with; `id` may be one of them. */
export type Joined = { id: string; joined: string[] };
export type RecordedInStore = Joined & { isNew: boolean; spoilt?: string };

/** Opens a store; its directory need not be there before the first finding is. What a killed writer left is removed. */
export function openFindings(dir: string): Findings {
  sweep(dir);
  return {
    dir,
    record(found) {
      return writing(() => {
        mkdirSync(dir, { recursive: true });
        return exclusively(() => add(found));
      });
    },
    list: () => listFindings(dir),
    read,
    setAffected(id, rows) {
      return exclusively(() => {
        const stored = read(id);
        const finding = nowAffected(stored.finding, rows);
        replaceFiles(dir, finding.id, derivedFiles(finding, stored.trace()));
        return finding;
      });
    },
    setAblation(id, ablation) {
      return exclusively(() => {
        const stored = read(id);
        const finding = { ...stored.finding, ablation };
        replaceFiles(dir, finding.id, derivedFiles(finding, stored.trace()));
        return finding;
      });
    },
    setBlock(id, block) {
      return exclusively(() => {
        const stored = read(id);
        const finding = { ...stored.finding, block };
        replaceFiles(dir, finding.id, derivedFiles(finding, stored.trace()));
        return finding;
      });
    },
    metAgain(id, times) {
      exclusively(() => {
        const { finding } = read(id);
        const count = finding.count + times;
        const met = { ...finding, count, lastSeen: new Date().toISOString() };
        replaceFiles(dir, finding.id, { [findingFile]: printFinding(met) });
      });
    },
    renew(id) {
      return exclusively(() => {
        const stored = read(id);
        const trace = stored.trace();
        const finding = renewed(stored.finding, stored.sequence(), trace);
        replaceFiles(dir, finding.id, {
          'repro.sh': reproScript(finding, trace),
          ...derivedFiles(finding, trace),
        });
        return finding;
      });
    },
    setStacks(id, stacks) {
      return exclusively(() => {
        const stored = read(id);
        const trace = stored.trace();
        const known = { ...stored.finding, stacks: withFresh(stored.finding.stacks ?? [], stacks) };
        const finding = renewed(known, stored.sequence(), trace);
        replaceFiles(dir, finding.id, derivedFiles(finding, trace));
        return joinSame({ finding, sequence: stored.sequence() });
      });
    },
    join(id, twin) {
      return exclusively(() => {
        const stored = read(id);
        const finding = withTwin(stored.finding, twin, storedAs(dir, stored.finding));
        if (finding !== stored.finding) replaceFiles(dir, finding.id, derivedFiles(finding, stored.trace()));
        return finding;
      });
    },
    triage(id, { note, link, title, fixedIn, ...decided }) {
      return exclusively(() => {
        const stored = read(id);
        const { fixedIn: before, ...finding } = stored.finding;
        if (note?.is === 'verified') for (const by of note.by) checkShownBy(finding, by);
        const { status = finding.status } = decided;
        const gone = status === 'fixed' ? (fixedIn ?? before) : undefined;
        const links = link === undefined ? finding.links : [...new Set([...finding.links, link])];
        const triaged = {
          ...finding,
          status,
          links,
          known: status !== 'new',
          ...(note === undefined ? {} : { note }),
          ...(title === undefined ? {} : { title, titledByHand: true as const }),
          ...(gone === undefined ? {} : { fixedIn: gone }),
        };
        replaceFiles(dir, finding.id, derivedFiles(triaged, stored.trace()));
        return triaged;
      });
    },
  };

  function add(found: NewFinding): RecordedInStore {
    const first = newFinding(found, new Date());
    const spoilt = existsSync(join(dir, first.id)) ? setAsideSpoilt(join(dir, first.id)) : {};
    const { fresh, own } = place(first);
    if (own === undefined) {
      addDirectory(dir, fresh.id, filesOf(fresh, found));
      return { ...joinSame({ finding: fresh, sequence: found.sequence }), isNew: true, ...spoilt };
    }
    const stored = read(own);
    const finding = metAgain(stored, found, new Date());
    const { id } = finding;
    const kept = isBetter(stored, found) ? undefined : readableSequence(stored);
    replaceFiles(dir, id, kept ? derivedFiles(finding, stored.trace()) : filesOf(finding, found));
    return { ...joinSame({ finding, sequence: kept ?? found.sequence }), isNew: false, ...spoilt };
  }

  /** `own`: the finding that it is, where it is none of its own. Where stacks tell two of one signature apart, it is. */
  function place(fresh: Finding): { fresh: Finding; own?: string } {
    if (fresh.apartFrom !== undefined)
      return existsSync(join(dir, fresh.id, findingFile)) ? { fresh, own: fresh.id } : { fresh };
    const named = existsSync(join(dir, fresh.id, findingFile)) ? read(fresh.id).finding : undefined;
    const other = apart(fresh);
    if (named && !other) return { fresh, own: named.id };
    const [first, ...rest] = [...(named ? [named] : []), ...listAlike(fresh)];
    if (!first) return { fresh };
    const isOther = ({ stacks = [] }: Finding): boolean =>
      compareCauses(stacks, fresh.stacks ?? []) === 'different';
    if (!other || !isOther(first)) return { fresh, own: first.id };
    const own = rest.find((each) => each.stacks !== undefined && !isOther(each))?.id;
    return own === undefined ? { fresh: other } : { fresh, own };
  }

  /** A finding keeps its id where what it is recognised by has changed since. */
  function listAlike({ signature }: Finding): Finding[] {
    const isSame = (each: Finding): boolean =>
      each.signature === signature || each.alsoBreaks?.some((told) => told.signature === signature) === true;
    // One that was told apart is met under the other's name until it is minimal.
    const isApart = (each: Finding): number => (each.apartFrom === undefined ? 0 : 1);
    return listFindings(dir)
      .findings.filter(isSame)
      .sort((a, b) => isApart(a) - isApart(b));
  }

  /** Looks for findings that are the same defect, told by other rules. */
  function joinSame(one: MinimalFinding): { id: string; joined: string[] } {
    const others: string[] = [];
    let whole = one;
    for (const finding of mayJoin(one.finding) ? listFindings(dir).findings : []) {
      if (finding.id === one.finding.id || !mayBeSame(one.finding, finding)) continue;
      const other = readable(() => ({ finding, sequence: read(finding.id).sequence() }));
      if (!other || !isSameDefect(one, other)) continue;
      const joined = readable(() => asOne(whole, other));
      if (!joined) continue;
      whole = joined;
      others.push(finding.id);
    }
    return { id: whole.finding.id, joined: others };
  }

  function asOne(one: MinimalFinding, other: MinimalFinding): MinimalFinding {
    const first = leader(one, other);
    const second = first === one ? other : one;
    const finding = joined(first.finding, second.finding);
    replaceFiles(dir, finding.id, derivedFiles(finding, read(finding.id).trace()));
    linkDirectory(dir, second.finding.id, finding.id);
    return { ...first, finding };
  }

  function read(id: string): StoredFinding {
    return storedFinding(join(dir, wholeId(dir, id)));
  }

  function exclusively<T>(work: () => T): T {
    return writing(() =>
      locked(dir, () => {
        finishMoves(dir);
        return work();
      }),
    );
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
function filesOf(finding: Finding, { sequence, original, trace }: NewFinding): Record<string, string> {
  return {
    'original.json': printSequence(original),
    'sequence.json': printSequence(sequence),
    'trace.jsonl': printTrace(trace),
    'repro.sh': reproScript(finding, trace),
    ...derivedFiles(finding, trace),
  };
}

/** What is written again where only what is said of a finding has changed. */
const derivedFiles = (finding: Finding, trace: Trace): Record<string, string> => ({
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
