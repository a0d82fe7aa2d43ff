/**
 * What jobs announce by BLOCK_JOB_ERROR, for every job, side and action, and which rule follows it to its end:
 *   node scripts/announced.ts
 * Writes the tables of docs/rules.md from test/judge/announced/; a test fails where a cell has no decision.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { actions, jobs, policies, sides } from '../test/judge/announced/cells.ts';
import { aspects, cells, type Decision, decisionOf } from '../test/judge/announced/matrix.ts';

const page = 'docs/rules.md';
const heading = '## What an error announces, and which rule follows it to its end';

/** The section of the page. */
export function section(): string {
  return [
    heading,
    '',
    'A request of a job fails, and BLOCK_JOB_ERROR says by its action what comes of it. Each cell names the rules that decide it, or why none does.',
    'Made by `scripts/announced.ts`; a test carries every cell out on each QEMU that is here, with each policy that has that action, and expects each rule',
    'named to have ruled there. An error that is reported ends a job that was told to pause, too, and one with a limit; but a mirror or active commit',
    'sleeps its limit off first, on 5.2 to 11.1 (a second at a buffer a second; at a byte a second for as long as anybody looks), so `hang/reported-error` leaves those out.',
    '',
    '| policy | error | action |',
    '| --- | --- | --- |',
    ...policies.map(({ policy, errno, action }) => `| ${policy} | ${errno} | ${action} |`),
    '',
    ...row('job', 'error', 'action is', ...aspects.map((aspect) => (aspect === 'error' ? 'named' : aspect))),
    ...row(...Array.from({ length: aspects.length + 3 }, () => '---')),
    ...jobs.flatMap((job) =>
      sides.flatMap((side) =>
        actions.flatMap((action) => {
          const decided = aspects.map((aspect) => decisionOf({ job, side, action, aspect }));
          return row(job, side, action, ...decided.map(words));
        }),
      ),
    ),
    '',
  ].join('\n');
}

const row = (...parts: readonly string[]): string[] => [`| ${parts.join(' | ')} |`];

function words(decision: Decision | undefined): string {
  if (!decision) return '';
  if ('none' in decision) return `none: ${decision.none}`;
  const named = decision.rules.map((rule) => `\`${rule}\``).join(', ');
  return decision.but ? `${named}; ${decision.but}` : named;
}

/** The page with its section made anew. */
export function withSection(text: string): string {
  const from = text.indexOf(heading);
  const to = text.indexOf('\n## ', from + 1) + 1;
  return `${text.slice(0, from)}${section()}\n${text.slice(to)}`;
}

if (import.meta.main) {
  writeFileSync(page, withSection(readFileSync(page, 'utf8')));
  console.log(
    `${cells.length} cells, ${cells.filter((cell) => !decisionOf(cell)).length} without a decision`,
  );
}
