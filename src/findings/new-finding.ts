import { wordsOf } from '../judge/facts/words.ts';
import type { Rule, Violation } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { shownAt } from '../shrink/readable/closing-commands.ts';
import { doubtsOfShown } from '../shrink/readable/doubts.ts';
import { bySimplicity } from '../shrink/simplicity.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { type Affected, byVersion, fixedIn, isLater, isSameProgram, outcomeOf } from './affected.ts';
import type { Finding } from './finding.ts';
import { impactOf } from './impact.ts';
import { limits } from './limits.ts';
import { apartId } from './other-cause.ts';
import { reachOf } from './reach.ts';
import { readable, readableSequence } from './readable.ts';
import { findingId } from './signature.ts';
import { readSanitizer } from './stacks/sanitizer-text.ts';
import { type Stack, withFresh } from './stacks/stack.ts';
import { readValgrind } from './stacks/valgrind-text.ts';
import { stderrOf } from './stderr.ts';
import { titleOf } from './title/title.ts';

/** What a hunt hands over: a broken rule, the sequence that shows it, and how surely it does. */
export type NewFinding = {
  rule: Rule;
  signature: string;
  /** As short as shrinking made it. */
  sequence: Sequence;
  original: Sequence;
  /** Of a run of `sequence`; `violation.at` is a place in it. */
  trace: Trace;
  violation: Violation;
  /** Signatures of the other rules that `trace` breaks. */
  beside?: readonly string[];
  reproduced: { ok: number; of: number };
  /** Runs that shrinking took. */
  executions: number;
  qemu: { label: string; version: string; path: string; flavour: Flavour; commandLine?: string[] };
  /** Other QEMUs that it was tried on. */
  affected?: readonly Affected[];
  seed: string;
  firstSeenMs: number;
  tool: { name: string; version: string };
  /** What debuggers saw of `sequence`. */
  stacks?: readonly Stack[];
  /** It is known not to be that finding, which has its signature. */
  apartFrom?: string;
  /** How often it was met since the last record; 1 when absent, 0 where it was only shrunk. */
  times?: number;
};

/** A finding met for the first time. */
export function newFinding(found: NewFinding, now: Date): Finding {
  const { rule, signature, seed, firstSeenMs } = found;
  const { apartFrom } = found;
  const id = apartFrom === undefined ? findingId(signature) : apartId(signature, found.sequence);
  return {
    id,
    kind: rule.kind,
    rule: rule.name,
    statement: rule.statement,
    source: rule.source,
    signature,
    status: 'new',
    ...(apartFrom === undefined ? {} : { apartFrom }),
    links: apartFrom === undefined ? [] : [apartFrom],
    count: 1,
    firstSeen: now.toISOString(),
    lastSeen: now.toISOString(),
    firstSeenMs,
    seeds: [seed],
    executions: found.executions,
    ...ofMinimal(found, []),
    ...whereSeen([], found),
    ...stacksOf([], found),
    path: id,
    known: false,
  };
}

/** A finding met again; what it says of its minimal sequence is replaced where that is. */
export function metAgain(stored: Stored, found: NewFinding, now: Date): Finding {
  const { finding } = stored;
  const seeds = [...finding.seeds.filter((seed) => seed !== found.seed), found.seed];
  return {
    ...finding,
    // What is decisive of another sequence is nothing that this one has.
    ...(isBetter(stored, found)
      ? { ...ofMinimal(found, finding.stacks ?? []), ablation: undefined, block: undefined }
      : {}),
    ...(finding.titledByHand ? { title: finding.title } : {}),
    ...whereSeen(finding.affected, found),
    ...stacksOf(finding.stacks ?? [], found),
    count: finding.count + (found.times ?? 1),
    lastSeen: now.toISOString(),
    seeds: seeds.slice(-limits.seedsKept),
    executions: finding.executions + found.executions,
  };
}

/** One that a reader believes more readily is the better one, then the simpler one, unless it has not shown the defect once more. */
export function isBetter(stored: Stored, found: NewFinding): boolean {
  const { signature, sequence, reproduced } = found;
  if (signature !== stored.finding.signature) return false; // it is told by that finding, which speaks of another rule
  if (reproduced.ok === 0 && stored.finding.reproduced.ok > 0) return false;
  const before = readableSequence(stored);
  if (before === undefined) return true;
  // One that was met and not shrunk yet may have fewer doubts for being long.
  const isShort = sequence.steps.length <= before.steps.length + stepsMore;
  const fewer = isShort ? doubtsOfFound(found) - doubtsOfStored(stored, before) : 0;
  return fewer === 0 ? bySimplicity(sequence, before) < 0 : fewer < 0;
}

/** By so many steps the second shrinking lengthens a sequence at most. */
const stepsMore = 3;

const doubtsOfFound = ({ sequence, trace, rule, violation }: NewFinding): number =>
  doubtsOfShown(sequence, shownAt(trace, rule.kind, violation));

/** Of one whose trace can't be read nobody knows where it showed. */
const doubtsOfStored = ({ finding: { kind, violation }, trace }: Stored, sequence: Sequence): number =>
  doubtsOfShown(sequence, shownAt(readable(trace) ?? [], kind, violation));

type Stored = { finding: Finding; sequence(): Sequence; trace(): Trace };

/** The finding with what trying it again on some QEMUs has shown. */
export function nowAffected(finding: Finding, rows: readonly Affected[]): Finding {
  const kept = finding.affected.filter((old) => !rows.some((row) => isSameProgram(old, row)));
  const affected = [...kept, ...rows].sort(byVersion);
  return {
    ...finding,
    ...statusBy(affected, finding),
    affected,
    qemu: [...new Set(affected.filter((row) => outcomeOf(row) === 'shows').map((row) => row.label))],
  };
}

/** One that was said to be fixed in a version which shows it is not fixed. */
function statusBy(affected: readonly Affected[], { status, fixedIn: said, known }: Finding) {
  const gone = fixedIn(affected);
  if (gone !== undefined) return { status: 'fixed' as const, fixedIn: gone, known: true };
  const isBack = affected.some(
    (row) => outcomeOf(row) === 'shows' && said !== undefined && !isLater(said, row.version),
  );
  return isBack ? { status: 'confirmed' as const, fixedIn: undefined, known } : { status, known };
}

/** The leader of two findings that are one defect, with what is to be kept of the other. */
export function joined(leader: Finding, other: Finding): Finding {
  const { rule, signature, violation } = other;
  const told = [
    ...(leader.alsoBreaks ?? []),
    { rule, signature, text: violation.text },
    ...(other.alsoBreaks ?? []),
  ];
  return {
    ...leader,
    ...withStacks(withFresh(other.stacks ?? [], leader.stacks ?? [])),
    alsoBreaks: told.filter((each, i) => told.findIndex((one) => one.signature === each.signature) === i),
    count: leader.count + other.count,
    firstSeen: leader.firstSeen < other.firstSeen ? leader.firstSeen : other.firstSeen,
    lastSeen: leader.lastSeen > other.lastSeen ? leader.lastSeen : other.lastSeen,
    seeds: [...new Set([...other.seeds, ...leader.seeds])].slice(-limits.seedsKept),
  };
}

/** What it is, how bad, and who can bring it about, by the sequence as it is now. */
export const headOf = ({ rule, violation, violation: { facts }, sequence, trace, stacks }: Described) => ({
  title: titleOf({ ...violation, rule }, sequence, trace, stacks),
  impact: impactOf(facts, rule.name, sequence),
  reach: reachOf(sequence, trace, facts),
});

type Described = Pick<NewFinding, 'rule' | 'violation' | 'sequence' | 'trace' | 'stacks'>;

function ofMinimal(found: NewFinding, before: readonly Stack[]) {
  const { sequence, violation, beside = [], reproduced, qemu, tool } = found;
  const { at, step } = violation;
  const text = wordsOf(violation);
  return {
    schema: 2 as const,
    ...headOf({ ...found, ...stacksOf(before, found) }),
    violation: { facts: violation.facts, text, at, ...(step === undefined ? {} : { step }) },
    ...(beside.length > 0 ? { beside: [...beside] } : {}),
    steps: sequence.steps.length,
    reproduced,
    flavour: qemu.flavour,
    ...(qemu.commandLine === undefined ? {} : { commandLine: qemu.commandLine }),
    tool,
  };
}

/** A build with AddressSanitizer says it all by itself; so does valgrind, where it is QEMU's wrapper. */
function stacksOf(before: readonly Stack[], { stacks = [], trace, qemu }: NewFinding): { stacks?: Stack[] } {
  const { label, version, flavour } = qemu;
  const lines = stderrOf(trace);
  const where = { qemu: { label, version, flavour } };
  const [said, wrapper] = [readSanitizer(lines), readValgrind(lines.join('\n'), [])];
  const own: Stack[] = [
    ...(said ? [{ by: 'sanitizer' as const, ...said, ...where }] : []),
    ...(wrapper ? [{ by: 'valgrind' as const, ...wrapper, ...where }] : []),
  ];
  return withStacks(withFresh(before, [...own, ...stacks]));
}

const withStacks = (stacks: Stack[]): { stacks?: Stack[] } => (stacks.length === 0 ? {} : { stacks });

function whereSeen(before: readonly Affected[], { qemu, reproduced, affected = [] }: NewFinding) {
  const { label, version, flavour } = qemu;
  const rows = [...before];
  for (const row of [{ label, version, flavour, ...reproduced }, ...affected]) {
    const at = rows.findIndex((other) => isSameProgram(other, row));
    const same = rows[at];
    if (same) rows[at] = summed(same, row);
    else rows.push(row);
  }
  return { affected: rows, qemu: [...new Set(rows.filter(({ ok }) => ok > 0).map((row) => row.label))] };
}

/** What was found out of the others stays, unless one of them has shown it after all. */
function summed(before: Affected, now: Affected): Affected {
  const [ok, of] = [before.ok + now.ok, before.of + now.of];
  const { outcome: _, how: __, ...program } = before;
  return ok > 0 ? { ...program, ok, of, outcome: 'shows' } : { ...before, ok, of };
}
