import { isJsonObject } from '../sequence/json-object.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json, Step } from '../sequence/step.ts';
import { bySimplicity } from '../shrink/simplicity.ts';
import type { Finding } from './finding.ts';
import { bySeriousness } from './seriousness.ts';
import { compareCauses } from './stacks/cause.ts';

/** A finding with its sequence. */
export type MinimalFinding = { finding: Finding; sequence: Sequence };

/**
 * Whether two findings are one defect, told by two rules: a run of either sequence breaks both; or what is minimal for
 * one breaks the more serious rule of the other, too; or the steps of one are how the other begins, with nothing else
 * different. A crash and wrong data say for themselves what they are, so the last does not count for them. One at least
 * has been shrunk: a sequence as it was met may break two rules by two defects, and one that is minimal breaks them by one.
 * What debuggers have seen of both goes before all of that.
 */
export function isSameDefect(a: MinimalFinding, b: MinimalFinding): boolean {
  const causes = causesOf(a.finding, b.finding);
  if (causes !== 'unknown') return causes === 'same';
  if (areApart(a.finding, b.finding)) return false;
  if (a.finding.signature === b.finding.signature) return true;
  if (breakBoth(a.finding, b.finding) || tells(a.finding, b.finding) || tells(b.finding, a.finding))
    return true;
  return mayBeginAlike(a.finding, b.finding) && beginAlike(shape(a.sequence), shape(b.sequence));
}

/** Whether it can be one with any other: the rest need not be read then. */
export const mayJoin = (a: Finding): boolean =>
  isShrunk(a) || (a.beside ?? []).length > 0 || a.stacks !== undefined;

const causesOf = (a: Finding, b: Finding): ReturnType<typeof compareCauses> =>
  compareCauses(a.stacks ?? [], b.stacks ?? []);

/** What can be told without the sequences: most pairs can't be the same. */
export function mayBeSame(a: Finding, b: Finding): boolean {
  const causes = causesOf(a, b);
  if (causes !== 'unknown') return causes === 'same';
  if (areApart(a, b)) return false;
  if (tells(a, b) || tells(b, a)) return true;
  return (isShrunk(a) || isShrunk(b)) && (breakBoth(a, b) || mayBeginAlike(a, b));
}

/** They have a signature in common, and what is minimal for each takes other commands. */
const areApart = (a: Finding, b: Finding): boolean =>
  a.signature === b.signature && a.apartFrom !== b.apartFrom;

/** The one that stays: the more serious, then the simpler, then the one that somebody has looked at. */
export function leader(a: MinimalFinding, b: MinimalFinding): MinimalFinding {
  const order =
    bySeriousness(a.finding.kind, b.finding.kind) ||
    bySimplicity(a.sequence, b.sequence) ||
    Number(b.finding.known) - Number(a.finding.known);
  return order <= 0 ? a : b;
}

export const isShrunk = ({ executions }: Finding): boolean => executions > 1;

const breakBoth = (a: Finding, b: Finding): boolean =>
  a.beside?.includes(b.signature) === true && b.beside?.includes(a.signature) === true;

/** What little it takes to break the minor rule breaks the major one: it is how that defect looks on its way. */
const tells = (minor: Finding, major: Finding): boolean =>
  isShrunk(minor) &&
  isShrunk(major) &&
  bySeriousness(major.kind, minor.kind) < 0 &&
  minor.steps <= major.steps + stepsMore &&
  minor.beside?.includes(major.signature) === true;

/** A name, a wait; with many more steps there is room for a second defect. */
const stepsMore = 3;

const mayBeginAlike = (a: Finding, b: Finding): boolean =>
  [a, b].every((each) => isShrunk(each) && each.kind !== 'crash' && each.kind !== 'integrity');

type Shape = { arena: string; steps: readonly string[] };

/** What a sequence does, whatever its things are called; waiting is no doing. */
function shape({ arena, steps }: Sequence): Shape {
  const names = new Map<string, string>();
  const text = (value: unknown): string => JSON.stringify(value, (key, inner) => plain(key, inner, names));
  return { arena: text(arena), steps: steps.filter(acts).map(oneSpelling).map(text) };
}

const acts = (step: Step): boolean => !('await' in step || 'pause' in step);

/** `block-job-` and `job-` spell the same verb, and call the job `device` or `id`. */
function oneSpelling(step: Step): Step {
  if (!('qmp' in step) || !step.qmp.startsWith('block-job-')) return step;
  const { device, ...args } = step.args ?? {};
  const id = device === undefined ? {} : { id: device };
  return { ...step, qmp: step.qmp.replace('block-', ''), args: { ...id, ...args } };
}

/** A name becomes the number of its first use; members stand in one order, as in files. */
function plain(key: string, value: Json, names: Map<string, string>): Json {
  if (isJsonObject(value))
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (typeof value !== 'string') return value;
  if (!naming.has(key)) return value;
  const name = names.get(value) ?? `name ${names.size}`;
  names.set(value, name);
  return name;
}

const naming = new Set(['name', 'disk', 'newDisk', 'newFile', 'node', 'device', 'id', 'job-id', 'node-name']);

function beginAlike(a: Shape, b: Shape): boolean {
  const [shorter, longer] = a.steps.length <= b.steps.length ? [a.steps, b.steps] : [b.steps, a.steps];
  if (shorter.length === 0 || a.arena !== b.arena) return false;
  return shorter.every((step, i) => step === longer[i]);
}
