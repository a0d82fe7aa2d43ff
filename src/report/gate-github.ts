import { relative } from 'node:path';
import { itemVerdicts } from '../gate/item.ts';
import { markdownCell, markdownText, printable } from '../printable.ts';
import type { GateItem, GateOutcome } from './gate-outcome.ts';
import { clock, counted } from './hunt-lines.ts';

/** Workflow commands of GitHub Actions: an annotation a cause that fails, or is flaky. */
export function githubAnnotations({ items }: GateOutcome): string[] {
  const told = new Set<string>();
  return items.flatMap((item) => {
    const cause = item.finding ?? item.name;
    if ((item.verdict !== 'fail' && item.verdict !== 'flaky') || told.has(cause)) return [];
    told.add(cause);
    const file = relative(process.cwd(), item.path) || item.path;
    const title = `${item.verdict}: ${item.name} (${item.flavour})`;
    const text = [
      item.title,
      item.reason,
      ...(item.reproduce ? [`Reproduce with: ${item.reproduce}`] : []),
    ].join('\n');
    const level = item.verdict === 'fail' ? 'error' : 'warning';
    return [`::${level} file=${property(file)},line=1,title=${property(title)}::${data(text)}`];
  });
}

/** The step's summary, in Markdown: the verdict, what fails, and what was looked at. */
export function githubSummary(outcome: GateOutcome): string {
  const { verdict, items, candidate, baseline, why } = outcome;
  const against = baseline === null ? '' : ` against ${baseline}`;
  const wrong = items.filter((item) => item.verdict === 'fail' || item.verdict === 'flaky');
  const counts = itemVerdicts
    .map((each) => ({ each, count: items.filter((item) => item.verdict === each).length }))
    .filter(({ count }) => count > 0)
    .map(({ each, count }) => `${count} ${each}`);
  return [
    `## mirrorfuzz gate: ${verdict}`,
    '',
    markdownText(
      `${candidate}${against}, ${clock(outcome.elapsedMs)}, seed ${outcome.seed}: ${counts.join(', ')}; ${counted(outcome.sequences, 'sequence')}`,
    ),
    ...(why === null ? [] : ['', markdownText(`Unknown, because ${why}.`)]),
    ...(wrong.length === 0
      ? []
      : ['', '| verdict | item | what | reason | reproduce with |', '| --- | --- | --- | --- | --- |']),
    ...wrong.slice(0, rowsMax).map(row),
    ...(wrong.length > rowsMax ? ['', `and ${wrong.length - rowsMax} more`] : []),
    '',
  ].join('\n');
}

/** GitHub cuts a summary at 1 MiB; nobody reads more than this. */
const rowsMax = 100;

function row({ verdict, name, flavour, title, reason, reproduce }: GateItem): string {
  const cells = [verdict, `${name} (${flavour})`, title, reason, reproduce ?? ''].map(markdownCell);
  return `| ${cells.join(' | ')} |`;
}

/** Escapes of actions/toolkit. */
const data = (text: string): string =>
  text.split('\n').map(printable).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
