import { expect, test } from 'vitest';
import { type Affected, fixedIn, inShort, outcomeOf } from '../../src/findings/affected.ts';

const row = (version: string, ok: number, of: number, rest: Partial<Affected> = {}): Affected => ({
  label: version,
  version,
  flavour: 'daemon',
  ok,
  of,
  ...rest,
});

test('a row of older days that has no outcome goes by its figures', () => {
  expect(outcomeOf(row('5.2.0', 0, 3))).toBe('does-not-show');
  expect(outcomeOf(row('5.2.0', 1, 3))).toBe('shows');
});

test('four things that older reports called "no" read differently, and programs that differ are named', () => {
  const affected = [
    row('5.2.0', 0, 0, { outcome: 'lacks', how: 'no blockdev-reopen' }),
    row('7.2.22', 0, 20),
    row('7.2.22', 20, 20, { flavour: 'system' }),
    row('10.0.13', 0, 10, {
      outcome: 'fails-otherwise',
      how: 'crash/SIGSEGV in transaction (10 of 10 runs)',
    }),
    row('11.1.3', 9, 20),
    row('11.1.3', 9, 20, { flavour: 'system' }),
  ];
  expect(inShort(affected)).toBe(
    '5.2.0 can not tell: no blockdev-reopen; 7.2.22 daemon no, 0/20, system 20/20; ' +
      '10.0.13 fails otherwise: crash/SIGSEGV in transaction (10 of 10 runs); 11.1.3 9/20.',
  );
});

test('a defect is fixed in the first version without it, where no later one has it', () => {
  expect(fixedIn([row('5.2.0', 10, 10), row('7.2.22', 0, 20), row('11.1.3', 0, 20)])).toBe('7.2.22');
  expect(fixedIn([row('5.2.0', 0, 20), row('10.0.13', 10, 10), row('11.1.3', 0, 20)])).toBe('11.1.3');
});

test.each([
  ['the newest shows it', [row('5.2.0', 10, 10), row('7.2.22', 0, 20), row('11.1.3', 1, 20)]],
  ['nobody ever saw it', [row('5.2.0', 0, 20), row('7.2.22', 0, 20)]],
  ['it is so rare that twenty runs may miss it', [row('7.2.22', 2, 20), row('10.0.13', 0, 20)]],
  [
    'the newer one dies before it comes to that',
    [row('7.2.22', 10, 10), row('10.0.13', 0, 10, { outcome: 'fails-otherwise', how: 'crash' })],
  ],
  [
    'only a program that never had it was tried',
    [row('7.2.22', 9, 9), row('10.0.13', 0, 20, { flavour: 'system' })],
  ],
])('it is not fixed where %s', (_what, affected) => {
  expect(fixedIn(affected)).toBeUndefined();
});

test('a program that lacks what it takes is not in the short list where another of that version says more', () => {
  const lacks: Affected = {
    label: 'a',
    version: '7.2.22',
    flavour: 'daemon',
    ok: 0,
    of: 0,
    outcome: 'lacks',
    how: 'no human-monitor-command',
  };
  const shows: Affected = {
    label: 'a',
    version: '7.2.22',
    flavour: 'system',
    ok: 10,
    of: 10,
    outcome: 'shows',
  };
  expect(inShort([lacks, shows])).toBe('7.2.22 system 10/10.');
  expect(inShort([lacks])).toBe('7.2.22 can not tell: no human-monitor-command.');
});
