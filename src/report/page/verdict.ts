import { impacts, impactWords } from '../../findings/impact.ts';
import type { FindingHead, Page } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import type { Result } from './result-file.ts';

/** What a page begins with, of a result: a gate's yes or no, or what a hunt has found. */
export function verdictOf(result: Result, findings: readonly FindingHead[]): Page['verdict'] {
  const { verdict, why, interrupted, decided } = result;
  const gate = result.candidate === undefined ? undefined : gateLines(result);
  const judged = decided
    ? [`${decided.sequences} of ${decided.sequences + undecidedIn(result)} sequences were judged.`]
    : [];
  const wordsOfRun = {
    fail: findings.length > 0 ? countOf(findings.length, 'finding') : 'Failed',
    pass: 'Passed',
    unknown: 'No verdict',
  };
  const lines = [
    ...(why ? [why] : []),
    ...(interrupted ? ['It was interrupted.'] : []),
    ...(gate ?? [...impactLines(findings), ...judged]),
    ...(decided?.undecided ?? []).map(({ reason, count }) => `${count} undecided: ${reason}`),
  ];
  return {
    is: verdict,
    words: (gate ? wordsOfGate : wordsOfRun)[verdict],
    why: lines.map(printable),
  };
}

/** "Data loss: 2. Crash: 5."; nothing where nothing, or one thing, was found. */
export function impactLines(found: readonly FindingHead[]): string[] {
  if (found.length < 2) return [];
  const some = impacts.flatMap((impact) => {
    const count = found.filter((each) => each.impact === impact).length;
    return count === 0 ? [] : [`${impactWords[impact]}: ${count}`];
  });
  return [`${some.join('. ')}.`];
}

const wordsOfGate = {
  fail: 'The gate fails',
  pass: 'The gate passes',
  unknown: 'The gate gives no verdict',
};

/** Of whom it is said, what became of all that was looked at, and what was not. */
function gateLines({ candidate = '', baseline, qemu, items = [], notReached = {} }: Result): string[] {
  const named = (wanted: string): string => {
    const version = qemu.find(({ label }) => label === wanted)?.version;
    return version === undefined || version === wanted ? wanted : `${version} (${wanted})`;
  };
  const tally = itemVerdicts.flatMap(([verdict, words]) => {
    const count = items.filter((item) => item.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  const missed = Object.entries(notReached).map(([kind, count]) =>
    countOf(count, kindWords.get(kind) ?? kind),
  );
  return [
    `QEMU ${named(candidate)}, ${baseline ? `beside ${named(baseline)}` : 'without a baseline'}.`,
    ...(tally.length > 0 ? [`${tally.join(', ')}.`] : []),
    ...(missed.length > 0 ? [`There was no time for ${missed.join(', ')}.`] : []),
  ];
}

/** As the JSON names them, and as they are said; what matters most first. */
const itemVerdicts = [
  ['fail', 'failed'],
  ['flaky', 'flaky'],
  ['unknown', 'undecided'],
  ['known', 'known'],
  ['fixed', 'fixed'],
  ['pass', 'passed'],
  ['skipped', 'skipped'],
] as const;

const kindWords = new Map([
  ['scenario', 'scenario run'],
  ['regression', 'regression run'],
  ['finding', 'finding replay'],
  ['hunt', 'finding of the hunt'],
]);

const undecidedIn = ({ decided }: Result): number =>
  (decided?.undecided ?? []).reduce((sum, { count }) => sum + count, 0);

export const countOf = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
