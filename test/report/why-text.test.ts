import { expect, test } from 'vitest';
import { judge, rules } from '../../src/judge/judge.ts';
import { whyText } from '../../src/report/why-text.ts';
import { story } from '../judge/story.ts';

const text = (tale: string): string[] => whyText(judge(story(tale)).verdicts, rules.length);

test('what a rule said is a line, with the reason and the line of the trace that brought it about', () => {
  const lines = text(`
    > mirror j0
    ! j0 created running
    < ok
    ~ raw-sent text="{}" sizeBytes=2
    > job-pause j0
    ! j0 paused
    < ok
  `);
  const at = lines.findIndex((line) => line.startsWith('state/verb-reply'));
  expect(lines[at]).toMatch(/^state\/verb-reply +undecided 1$/);
  expect(lines[at + 1]?.trim()).toBe('1x raw bytes before it may have carried any command (line 7)');
  expect(lines.find((line) => line.startsWith('state/transition'))).toMatch(/ held 3$/);
  expect(lines.at(-1)).toMatch(/^not exercised: \d+ of \d+ rules$/);
});
