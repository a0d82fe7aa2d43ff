import { styleText } from 'node:util';
import type { GatePhase } from '../gate/gate-event.ts';
import { type ItemPhase, type ItemResult, type ItemVerdict, itemVerdicts } from '../gate/item.ts';
import { rate } from '../gate/item-verdict.ts';
import type { Division } from '../gate/plan.ts';
import { printable } from '../printable.ts';
import type { AboutGate, GateItem, GateOutcome } from './gate-outcome.ts';
import type { GateState } from './gate-tally.ts';
import { clock, counted } from './hunt-lines.ts';

/** Lines of a terminal of 80 columns. */
const columns = 80;

/** What is compared with what, and how the budget is divided. */
export function gateHeader(
  { sides, specs, seed, division }: AboutGate,
  of: { findings: number; findingsDir: string; workers: number; withoutStorage: readonly string[] },
): string[] {
  const side = (target: { version: string; label: string }, spec: string): string =>
    spec === target.version ? target.version : `${target.version} (${spec})`;
  const baseline =
    sides.baseline === undefined
      ? 'no baseline QEMU'
      : `baseline ${side(sides.baseline, specs.baseline ?? '')}`;
  return [
    `gate: candidate ${side(sides.candidate, specs.candidate)}; ${baseline};`,
    `      ${counted(of.findings, 'finding')} of ${of.findingsDir} known`,
    ...planLines(division, { seed, ...of }),
  ].map((line) => cut(printable(line)));
}

function planLines(
  { budgetMs, sequences, findings, huntMs, showingMs }: Division,
  { seed, workers, withoutStorage }: { seed: string; workers: number; withoutStorage: readonly string[] },
): string[] {
  const row = (what: string, items: string, ms: number): string =>
    `  ${what.padEnd(26)} ${items.padEnd(28)} ${ms > 0 ? `about ${clock(ms)}` : '-'}`;
  const part = ({ items, leftOut }: Division['sequences']): string =>
    `${items.length}${leftOut.length === 0 ? '' : `; no time for ${leftOut.length}`}`;
  return [
    `plan: ${clock(budgetMs)} in all, on ${counted(workers, 'worker')}`,
    row('scenarios, regressions', part(sequences), sequences.reckonedMs),
    row('stored findings', part(findings), findings.reckonedMs),
    row('hunt', `seed ${seed}`, huntMs),
    row('showing again', 'what the hunt has found', showingMs),
    ...(withoutStorage.length === 0
      ? []
      : [`  left out, since their storage is not used: ${counted(withoutStorage.length, 'scenario')}`]),
  ];
}

/** A line for what an item came to, with what there is to know where it fails; undefined: nothing to say. */
export function itemLines(item: GateItem, { color, all }: { color: boolean; all: boolean }): string[] {
  const paint: typeof styleText = (format, text) => (color ? styleText(format, text) : text);
  const { verdict, name, flavour, storage } = item;
  const where = [flavour, ...(storage === null || storage === 'file' ? [] : [storage])].join(', ');
  const mark = paint(colours[verdict], marks[verdict].padEnd(7));
  const head = `${mark} ${printable(`${name} (${where})`)}`;
  // What broke and could not be shown again in time is looked at by somebody, too.
  const isBroken = verdict === 'fail' || verdict === 'flaky' || (verdict === 'unknown' && item.rule !== null);
  if (!isBroken) return all || told.has(verdict) ? [cut(head, mark.length - 7), ...because(item)] : [];
  return [
    cut(head, mark.length - 7),
    ...wrapped(printable(item.title)),
    ...wrapped(
      printable([item.impact, item.reach, reasonOf(item)].filter((word) => word !== null).join('; ')),
    ),
    ...(item.reproduce === null ? [] : [`        Reproduce with: ${printable(item.reproduce)}`]),
  ];
}

/** Of what is undecided: as far as it was shown again. */
function reasonOf({ verdict, reason, shown: { candidate, baseline } }: GateItem): string {
  if (verdict !== 'unknown') return reason;
  const there = baseline === null ? '' : `, ${rate(baseline)} on the baseline`;
  return `undecided: ${reason}; shown again in ${rate(candidate)}${there}`;
}

const because = ({ reason }: GateItem): string[] => (reason === '' ? [] : wrapped(printable(reason)));

/** What shows the same once more, in one line. */
export const againLine = (item: GateItem): string =>
  cut(`        also ${printable(item.name)} (${item.flavour}), for the same reason`);

const told: ReadonlySet<ItemVerdict> = new Set(['fixed']);

const marks: Record<ItemVerdict, string> = {
  pass: 'pass',
  fail: 'FAIL',
  flaky: 'flaky',
  known: 'known',
  fixed: 'fixed',
  skipped: 'skipped',
  unknown: '?',
};
const colours = {
  pass: 'green',
  fail: 'red',
  flaky: 'yellow',
  known: 'yellow',
  fixed: 'green',
  skipped: 'gray',
  unknown: 'magenta',
} as const;

/** What was looked at, why the rest was not and, last, the verdict. */
export function gateSummary(outcome: GateOutcome, { color = false } = {}): string[] {
  const count = (verdict: ItemVerdict): number =>
    outcome.items.filter((item) => item.verdict === verdict).length;
  const counts = itemVerdicts
    .filter((verdict) => count(verdict) > 0)
    .map((each) => `${count(each)} ${words[each]}`);
  const failed = count('fail');
  const causes = new Set(
    outcome.items.filter(({ verdict }) => verdict === 'fail').map(({ finding }) => finding),
  );
  const seconds = clock(outcome.elapsedMs);
  const skipped = Map.groupBy(
    outcome.items.filter(
      ({ verdict, isNotReached }) => (verdict === 'skipped' && !isNotReached) || verdict === 'unknown',
    ),
    ({ verdict, reason }) => `${words[verdict]}: ${reason}`,
  );
  const missed = notReached(outcome);
  const last = {
    pass: `gate: pass${missed === '' ? '' : `; ${missed}`}`,
    fail: `gate: FAIL: ${counted(failed, 'item')} by ${counted(causes.size, 'cause')}`,
    unknown: `gate: unknown: ${outcome.why}`,
  }[outcome.verdict];
  const colour = ({ pass: 'green', fail: 'red', unknown: 'magenta' } as const)[outcome.verdict];
  return [
    '',
    ...(missed === '' || outcome.verdict === 'pass' ? [] : [missed]),
    ...[...skipped]
      .slice(0, reasonsMax)
      .map(([reason, items]) => cut(`${items.length} ${printable(reason)}`)),
    ...outcome.warnings.slice(0, reasonsMax).map((warning) => cut(`warning: ${printable(warning)}`)),
    ...wrapped(
      `${outcome.interrupted ? 'interrupted after' : 'after'} ${seconds}: ${counts.join(', ') || 'nothing was looked at'}; ${counted(outcome.sequences, 'sequence')}, ${counted(outcome.commands, 'command')}`,
      '',
    ),
    color ? styleText(colour, printable(last)) : printable(last),
  ];
}

/** "not reached in time: 120 scenario runs, 12 finding replays"; left out of the plan or late, it comes to the same. */
function notReached({ notReached: missed }: GateOutcome): string {
  const kinds = Object.entries(missed).map(([phase, count]) => counted(count, kindWords[phase as ItemPhase]));
  return kinds.length === 0 ? '' : `not reached in time: ${kinds.join(', ')}`;
}

const kindWords: Record<ItemPhase, string> = {
  scenario: 'scenario run',
  regression: 'regression run',
  finding: 'finding replay',
  hunt: 'finding of the hunt',
};

const reasonsMax = 8;

const words: Record<ItemVerdict, string> = {
  pass: 'passed',
  fail: 'failed',
  flaky: 'flaky',
  known: 'known',
  fixed: 'fixed',
  skipped: 'skipped',
  unknown: 'undecided',
};

const phases: Record<GatePhase, string> = {
  sequences: 'scenarios and regressions',
  findings: 'stored findings',
  hunt: 'hunt',
  showing: 'showing again',
};

/** What is going on, in one line. */
export function gateHeartbeat(state: GateState, nowMs: number, budgetMs: number): string {
  const { phase, phaseItems, phaseDone, hunt } = state;
  const what = phase === undefined ? 'starting' : phases[phase];
  const far =
    phase === 'hunt'
      ? `${counted(hunt.sequences, 'sequence')}, ${hunt.discoveries.length} met`
      : phaseItems > 0
        ? `${phaseDone} of ${phaseItems}`
        : '';
  const failed = state.results.filter(({ verdict }: ItemResult) => verdict === 'fail').length;
  return cut(
    `${clock(nowMs)} of ${clock(budgetMs)}  ${what}${far === '' ? '' : `: ${far}`}; ${failed} failed`,
  );
}

const cut = (line: string, unseen = 0): string =>
  line.length - unseen > columns ? `${line.slice(0, columns - 1 + unseen)}…` : line;

/** Words in lines of that width; a command is left whole, so that it can be copied. */
function wrapped(text: string, indent = '        '): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(`${indent}${line}`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${indent}${line}`];
}
