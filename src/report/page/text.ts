import type { FindingHead, Page } from '../../page/model.ts';
import { terminalColumns, wrapped } from '../wrapped.ts';

/** The same in a few lines for a terminal: verdict, figures, findings, what is missing. */
export function pageText(page: Page): string[] {
  const { title, verdict, facts, findings, items = [], comparisons = [], rules, coverage, notes } = page;
  const failed = items.filter((item) => item.verdict !== 'pass');
  return [
    `${title}: ${verdict.words}`,
    ...verdict.why.flatMap((line) => wrapped(line, { width: terminalColumns, indent: 2 })),
    ...facts.flatMap(([name, value]) => `  ${name.padEnd(15)} ${value}`),
    ...findings.flatMap(findingLines),
    ...comparisons.flatMap(({ subject, rows }) => [
      `  ${subject}`,
      ...rows.map(({ on, value }) => `    ${on.padEnd(10)} ${value}`),
    ]),
    ...(items.length > 0 ? [`  ${items.length} items, ${items.length - failed.length} passed`] : []),
    ...failed.map(({ name, verdict: is, ok, of, reason }) =>
      `  ${is.padEnd(8)} ${name} ${ok}/${of} ${reason}`.trimEnd(),
    ),
    ...(rules ? [`  ${rulesLine(rules)}`] : []),
    ...(coverage
      ? [`  ${coverage.verbs.length} job commands and ${coverage.others.length} others were answered`]
      : []),
    ...notes.map((note) => `  note: ${note}`),
  ];
}

const findingLines = ({ id, title, impactWords, reachWords, status, reproduced }: FindingHead): string[] => [
  `  ${id}  ${impactWords}. ${reachWords}. ${status}, ${reproduced.ok}/${reproduced.of}`,
  ...wrapped(title, { width: terminalColumns, indent: 4 }),
];

function rulesLine(rules: NonNullable<Page['rules']>): string {
  const broken = rules.filter((row) => row.broken > 0).length;
  const undecided = rules.filter((row) => row.broken === 0 && row.held === 0 && row.undecided > 0).length;
  const never = rules.filter((row) => row.broken + row.held + row.undecided === 0).length;
  return `${rules.length} rules: ${rules.length - broken - undecided - never} held, ${broken} broken, ${undecided} undecided, ${never} not exercised`;
}
