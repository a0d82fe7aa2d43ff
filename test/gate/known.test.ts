import { expect, test } from 'vitest';
import { openKnown } from '../../src/gate/known.ts';
import { finding, row } from './examples.ts';

const on = (version: string) => ({ version, flavour: 'daemon' as const });

test('a confirmed finding is known on the versions that it shows on, and not on others', () => {
  const mine = finding({ affected: [row('7.2.22', 3, 3), row('10.0.13', 0, 10)] });
  const known = openKnown([mine]);
  expect(known.knownBy(mine.signature, on('7.2.22'))).toBe(mine);
  expect(known.knownBy(mine.signature, on('10.0.13'))).toBeUndefined();
  expect(known.expected(mine, on('7.2.22'))).toEqual({ shown: 3, of: 3 });
});

test('what nobody has looked at, or is said to be fixed, is not known', () => {
  for (const status of ['new', 'fixed'] as const) {
    const mine = finding({ status, affected: [row('7.2.22', 3, 3)] });
    expect(openKnown([mine]).knownBy(mine.signature, on('7.2.22'))).toBeUndefined();
  }
});

test('a version that was never tried is like the newest one before it', () => {
  const mine = finding({ affected: [row('5.2.0', 0, 10), row('10.0.13', 4, 10)] });
  const known = openKnown([mine]);
  expect(known.expected(mine, on('10.2.0'))).toEqual({ shown: 4, of: 10 });
  expect(known.expected(mine, on('7.2.22'))).toBeUndefined();
  expect(known.expected(mine, on('4.2.0'))).toBeUndefined();
});

test('a finding was there where that version or an older one showed it, not where only a newer one did', () => {
  const mine = finding({ affected: [row('10.0.13', 3, 3)] });
  const known = openKnown([mine]);
  expect(known.wasThere(mine, on('11.1.3'))).toBe(true);
  expect(known.wasThere(mine, on('7.2.22'))).toBe(false);
  expect(known.expected(mine, on('7.2.22'))).toEqual({ shown: 3, of: 3 });
});

test('the other program stands in where one was not tried, and what lacks something says nothing', () => {
  const mine = finding({ affected: [row('7.2.22', 3, 3, { flavour: 'system' })] });
  expect(openKnown([mine]).expected(mine, on('7.2.22'))).toEqual({ shown: 3, of: 3 });
  const lacking = finding({
    affected: [row('7.2.22', 3, 3), row('10.0.13', 0, 3, { outcome: 'lacks', how: 'no x' })],
  });
  expect(openKnown([lacking]).expected(lacking, on('10.0.13'))).toEqual({ shown: 3, of: 3 });
});

test('of two builds of one version the one that shows it counts, or a gate would call new what another build shows', () => {
  const mine = finding({ affected: [row('10.0.13', 0, 3, { label: '/build' }), row('10.0.13', 3, 3)] });
  expect(openKnown([mine]).expected(mine, on('10.0.13'))).toEqual({ shown: 3, of: 3 });
});

test('the other rules that a finding breaks are known with it', () => {
  const told = { rule: 'leak/leftover', signature: 'leak/leftover: node', text: 'left behind' };
  const mine = finding({ affected: [row('7.2.22', 3, 3)], alsoBreaks: [told] });
  expect(openKnown([mine]).knownBy('leak/leftover: node', on('7.2.22'))).toBe(mine);
});

test('a sequence that is known to break something else there may break it', () => {
  const how = 'crash/signal: SIGSEGV in transaction (10 of 10 runs)';
  const mine = finding({ affected: [row('11.1.3', 0, 10, { outcome: 'fails-otherwise', how })] });
  const known = openKnown([mine]);
  expect(known.failsOtherwise(mine, 'crash/signal: SIGSEGV in transaction', on('11.1.3'))).toBe(true);
  expect(known.failsOtherwise(mine, 'crash/signal: SIGABRT', on('11.1.3'))).toBe(false);
});
