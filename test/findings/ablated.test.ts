import { expect, test } from 'vitest';
import { decisiveWords, isDecisive, runsToTell } from '../../src/findings/ablated.ts';
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
    { what: 'without step 2', ok: 0, of: 5, how: 'refused: Job not found' },
  ],
});

test('what always shows is decided by five runs, what is rare by more', () => {
  expect(runsToTell({ ok: 10, of: 10 })).toBe(5);
  expect(runsToTell({ ok: 5, of: 20 })).toBe(11);
  expect(isDecisive({ what: '', ok: 0, of: 5 }, table(10, 10))).toBe(true);
  expect(isDecisive({ what: '', ok: 1, of: 5 }, table(10, 10))).toBe(false);
  expect(isDecisive({ what: '', ok: 0, of: 5 }, table(5, 20))).toBe(false);
  expect(isDecisive({ what: '', ok: 0, of: 0 }, table(10, 10))).toBe(false);
});

test('in words', () => {
  expect(decisiveWords(table(10, 10))).toBe('it does not show with any of these: sync=full; without step 2');
  expect(decisiveWords(table(5, 20))).toBe('too few runs to say what is decisive');
});

test('the report has the decisive changes first, and what was refused instead', () => {
  const text = ablation({ finding: { ablation: table(10, 10) } } as Reported);
  expect(text?.split('\n').slice(-3)).toEqual([
    '| sync=full | 0 of 5 | decisive |',
    '| without step 2 | 0 of 5 | decisive; refused: Job not found |',
    '| offsetBytes=0 | 5 of 5 |  |',
  ]);
});
