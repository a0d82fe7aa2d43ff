import { expect, test } from 'vitest';
import { type AblatedRow, decisiveWords, runsToTell, verdictOf } from '../../src/findings/ablated.ts';
import { ablation } from '../../src/findings/bug-report/ablation.ts';
import type { Reported } from '../../src/findings/bug-report/section.ts';

const table = (ok: number, of: number) => ({
  label: '11.1.3',
  version: '11.1.3',
  flavour: 'daemon' as const,
  whole: { ok, of },
  rows: [
    { what: 'sync=full', ok: 0, of: 5 },
    { what: 'offsetBytes=0', ok: 5, of: 5 },
    { what: 'without step 2', without: 1, ok: 0, of: 5, refused: 'Job not found' },
    { what: 'format raw', ok: 0, of: 5, how: 'SIGSEGV' },
  ],
});

test('what always shows is decided by five runs, what is rare by more', () => {
  expect(runsToTell({ ok: 10, of: 10 })).toBe(5);
  expect(runsToTell({ ok: 5, of: 20 })).toBe(11);
  const said = (row: Omit<AblatedRow, 'what'>, ...whole: [ok: number, of: number]) =>
    verdictOf({ what: '', ...row }, table(...whole));
  expect(said({ ok: 0, of: 5 }, 10, 10)).toBe('decisive');
  expect(said({ ok: 1, of: 5 }, 10, 10)).toBe('shows');
  expect(said({ ok: 0, of: 5 }, 5, 20)).toBe('too few runs');
  expect(said({ ok: 0, of: 0 }, 10, 10)).toBe('too few runs');
  expect(said({ ok: 0, of: 5, refused: 'Job not found' }, 10, 10)).toBe('refused');
});

test('in words', () => {
  expect(decisiveWords(table(10, 10))).toBe('it does not show with any of these: sync=full; format raw');
  expect(decisiveWords(table(5, 20))).toBe('too few runs to say what is decisive');
});

test('the report has the decisive changes first, and last what was refused and says nothing', () => {
  const steps = [{ qmp: 'job-pause' }, { qmp: 'job-cancel', args: { id: 'j0' } }];
  const reported = { finding: { ablation: table(10, 10) }, shown: { plan: { sequence: { steps } } } };
  const text = ablation(reported as unknown as Reported);
  expect(text?.split('\n').slice(-4)).toEqual([
    '| sync=full | 0 of 5 | decisive |',
    '| format raw | 0 of 5 | decisive; SIGSEGV |',
    '| offsetBytes=0 | 5 of 5 |  |',
    '| without step 2: job-cancel with id=j0 | 0 of 5 | refused: says nothing; Job not found |',
  ]);
});
