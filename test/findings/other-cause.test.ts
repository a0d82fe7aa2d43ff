import { describe, expect, test } from 'vitest';
import { apartId, isOtherCause, mayHideAnother } from '../../src/findings/other-cause.ts';
import type { Step } from '../../src/sequence/step.ts';
import { mirrorStep, sequenceOf } from './found.ts';
import { committed, metAgain } from './recorded.ts';

const pause: Step = { qmp: 'job-pause', args: { id: '#0' } };
const complete: Step = { qmp: 'job-complete', args: { id: '#0' } };
const reopen: Step = { qmp: 'blockdev-reopen', args: {} };
const guest: Step = { guest: 'write', disk: 'src' };

test('two sequences point to two causes where each takes what the other does without', () => {
  const one = sequenceOf(mirrorStep, pause, reopen);
  const other = sequenceOf(mirrorStep, pause, complete);
  expect(isOtherCause(one, other)).toBe(true);
  expect(apartId('hang/resume: x', one)).not.toBe(apartId('hang/resume: x', other));
});

describe('they point to one where', () => {
  const one = sequenceOf(mirrorStep, pause);
  test.each<[what: string, steps: Step[]]>([
    ['a verb is spelled otherwise', [mirrorStep, { qmp: 'block-job-pause', args: { device: '#0' } }]],
    ['another command starts the job', [{ qmp: 'drive-mirror', args: {} }, pause]],
    ['it is another job', [{ qmp: 'blockdev-backup', args: {} }, pause]],
    ['it is waited for', [mirrorStep, { pause: 4 }, pause]],
    ['the order differs', [pause, mirrorStep]],
    ['something is done beside it', [mirrorStep, pause, guest, complete]],
    ['something is not needed', [mirrorStep]],
  ])('%s', (_what, steps) => {
    const other = sequenceOf(...steps);
    expect([isOtherCause(one, other), isOtherCause(other, one)]).toEqual([false, false]);
  });
});

test('an assertion names a place, and what leads there says no more', () => {
  expect(mayHideAnother('crash/assertion job.c: job_ref: x')).toBe(false);
  expect(mayHideAnother('crash/SIGSEGV in transaction')).toBe(true);
  expect(mayHideAnother('hang/resume: mirror paused, paused by its user, stands still')).toBe(true);
});

// The first of those that were recorded is minimal; the others do more on their way.
test.each(metAgain())('%s, met by another sequence that is minimal, is none beside itself', (id, [trace]) => {
  const opened = trace?.[0];
  if (opened?.kind !== 'opened') throw new Error('a trace begins with its sequence');
  expect(isOtherCause(committed.read(id).sequence(), opened.sequence)).toBe(false);
});
