import type { Step } from '../../sequence/step.ts';
import { type AblatedRow, type AblationTable, type RowVerdict, rowWords, verdictOf } from '../ablated.ts';
import { programs } from './affected.ts';
import { cell, words } from './markdown.ts';
import type { Section } from './section.ts';
import { stepSentence } from './sentences.ts';

/** What was left out or made ordinary, one thing at a time, and how often it showed then: what is decisive first. */
export const ablation: Section = ({ finding: { ablation: table }, shown: { plan } }) => {
  if (table === undefined || table.rows.length === 0) return undefined;
  const { version, flavour, whole, rows, untried = 0 } = table;
  const tried = `One thing left out or made ordinary at a time, on ${version}, ${programs[flavour]}; as it is it shows in ${whole.ok} of ${whole.of} runs.`;
  const lines = order.flatMap((verdict) =>
    rows
      .filter((row) => verdictOf(row, table) === verdict)
      .map((row) => line(row, table, plan.sequence.steps)),
  );
  const cut = untried === 0 ? [] : [`${untried} more were not tried, for want of time.`];
  return [
    `## What is decisive\n\n${words(tried)}`,
    ['| with this change | it shows | |', '| --- | --- | --- |', ...lines].join('\n'),
    ...cut,
  ].join('\n\n');
};

const order: RowVerdict[] = ['decisive', 'shows', 'too few runs', 'refused'];

/** What was left out or made ordinary; of a step also what it was. */
export function changeWords({ what, without }: AblatedRow, steps: readonly Step[]): string {
  const step = without === undefined ? undefined : steps[without];
  return step === undefined ? what : `${what}: ${brief(stepSentence(step, undefined).replace(/\.$/, ''))}`;
}

/** What was done has it whole, under the same number. */
const brief = (sentence: string): string =>
  sentence.length > stepCharsMax ? `${sentence.slice(0, stepCharsMax - 1)}…` : sentence;
const stepCharsMax = 100;

const line = (row: AblatedRow, table: AblationTable, steps: readonly Step[]): string =>
  `| ${cell(changeWords(row, steps))} | ${row.ok} of ${row.of} | ${cell(rowWords(row, table))} |`;
