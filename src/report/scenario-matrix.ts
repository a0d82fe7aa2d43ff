import { styleText } from 'node:util';
import type { ScenarioItem } from '../campaign/run-scenarios.ts';
import type { ScenarioVerdict } from '../campaign/scenario-verdict.ts';
import { wordsOf } from '../judge/facts/words.ts';
import { printable } from '../printable.ts';
import { traceText } from './trace-text.ts';

/**
 * What ran as people read it: a row a scenario, a column a QEMU, flavours and storage folded into the cell; below it why
 * something was skipped or is undecided, and what went wrong in detail. `quiet`: only rows where something did.
 */
export function scenarioMatrix(
  items: readonly ScenarioItem[],
  { quiet = false, color = false } = {},
): string[] {
  const labels = [...new Set(items.map(({ target }) => target.label))];
  const legend = legendOf(items);
  const rows = [...Map.groupBy(items, ({ scenario }) => scenario.name)]
    .filter(([, mine]) => !quiet || mine.some(({ verdict }) => wrong.has(verdict)))
    .map(([name, mine]) => [
      name,
      ...labels.map((label) =>
        cell(
          mine.filter(({ target }) => target.label === label),
          legend,
        ),
      ),
    ]);
  if (rows.length === 0) return [];
  return [
    ...columns([['SCENARIO', ...labels], ...rows]).map((line) => (color ? painted(line) : line)),
    ...(quiet ? [] : [...legend].map(([reason, mark]) => `  ${mark}  ${printable(reason)}`)),
    ...items.filter(({ verdict }) => wrong.has(verdict)).flatMap(detail),
  ];
}

const wrong: ReadonlySet<ScenarioVerdict> = new Set(['fail', 'flaky', 'known']);
/** Of several verdicts in a cell, the one that is shown. */
const weights: readonly ScenarioVerdict[] = ['fail', 'flaky', 'unknown', 'known', 'pass', 'skipped'];

function cell(items: readonly ScenarioItem[], legend: ReadonlyMap<string, string>): string {
  const [worst] = items.toSorted((a, b) => weights.indexOf(a.verdict) - weights.indexOf(b.verdict));
  if (!worst) return '';
  const marks = items
    .filter(({ verdict }) => verdict === 'skipped' || verdict === 'unknown')
    .map(({ reason }) => legend.get(reason) ?? '');
  const ran = items.filter(({ verdict }) => verdict !== 'skipped');
  const passed = ran.filter(({ verdict }) => verdict === 'pass');
  return [word(worst, `${passed.length}/${ran.length}`), ...new Set(marks)].join(' ');
}

function word({ verdict, ok, of, shown }: ScenarioItem, passed: string): string {
  const rule = shown?.violations[0]?.rule.name ?? '';
  switch (verdict) {
    case 'pass':
      return `pass ${passed}`;
    case 'fail':
      return `FAIL ${rule}`;
    case 'flaky':
      return `FLAKY ${ok}/${of} ${rule}`;
    case 'known':
      return `known ${rule}`;
    case 'unknown':
      return '?';
    case 'skipped':
      return 'skip';
    default:
      return verdict satisfies never;
  }
}

/** A letter for each reason, in the order in which they come. */
function legendOf(items: readonly ScenarioItem[]): Map<string, string> {
  const reasons = items
    .filter(({ verdict }) => verdict === 'skipped' || verdict === 'unknown')
    .map(({ reason }) => reason);
  return new Map([...new Set(reasons)].map((reason, i) => [reason, letters(i)]));
}

const letters = (i: number): string =>
  (i < 26 ? '' : letters(Math.floor(i / 26) - 1)) + 'abcdefghijklmnopqrstuvwxyz'[i % 26];

/** What broke, and the last that was seen before. */
function detail({ scenario, target, flavour, storage, verdict, ok, of, shown }: ScenarioItem): string[] {
  if (!shown) return [];
  const on = [target.label, flavour, ...(storage === undefined ? [] : [storage])].join(' ');
  const at = shown.violations[0]?.at ?? shown.trace.length - 1;
  return [
    '',
    `${verdict === 'known' ? 'known' : verdict.toUpperCase()}  ${scenario.name} on ${on}: passed ${ok} of ${of}`,
    `  ${printable(scenario.sequence.title)}`,
    `  ${printable(scenario.file)}`,
    ...shown.violations.map(
      ({ rule, step, facts }) =>
        `  ${rule.name}${step === undefined ? '' : `, step ${step + 1}`}: ${printable(wordsOf({ facts }))}`,
    ),
    ...traceText(shown.trace.slice(0, at + 1))
      .slice(-decisiveLines)
      .map((line) => `    ${line}`),
  ];
}

/** A step or two with what they met; the whole trace is what `run` prints. */
const decisiveLines = 10;

function columns(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(printable));
  const widths = shown[0]?.map((_, at) => Math.max(...shown.map((row) => row[at]?.length ?? 0))) ?? [];
  return shown.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function painted(line: string): string {
  return line
    .replaceAll(/\b(?:FAIL|FLAKY)\b/g, (text) => styleText('red', text))
    .replaceAll(/\bknown\b/g, (text) => styleText('yellow', text));
}
