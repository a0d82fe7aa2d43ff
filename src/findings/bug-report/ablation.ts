import { type AblatedRow, type AblationTable, isDecisive } from '../ablated.ts';
import { programs } from './affected.ts';
import { cell, words } from './markdown.ts';
import type { Section } from './section.ts';

/** What was left out or made ordinary, one thing at a time, and how often it showed then: what is decisive first. */
export const ablation: Section = ({ finding: { ablation: table } }) => {
  if (table === undefined || table.rows.length === 0) return undefined;
  const { version, flavour, whole, rows, untried = 0 } = table;
  const tried = `One thing left out or made ordinary at a time, on ${version}, ${programs[flavour]}; as it is it shows in ${whole.ok} of ${whole.of} runs.`;
  const [decisive, others] = [true, false].map((is) => rows.filter((row) => isDecisive(row, table) === is));
  const lines = [...(decisive ?? []), ...(others ?? [])].map((row) => line(row, table));
  const cut = untried === 0 ? [] : [`${untried} more were not tried, for want of time.`];
  return [
    `## What is decisive\n\n${words(tried)}`,
    ['| with this change | it shows | |', '| --- | --- | --- |', ...lines].join('\n'),
    ...cut,
  ].join('\n\n');
};

function line(row: AblatedRow, table: AblationTable): string {
  const verdict = isDecisive(row, table) ? 'decisive' : row.ok === 0 ? 'too few runs to tell' : '';
  const how = row.how === undefined ? verdict : [verdict, row.how].filter(Boolean).join('; ');
  return `| ${cell(row.what)} | ${row.ok} of ${row.of} | ${cell(how)} |`;
}
