import { expect, test } from 'vitest';
import { haveSameFacts } from '../../src/findings/same-facts.ts';
import type { Fact } from '../../src/judge/facts/fact.ts';
import { asPlace } from '../../src/trace/place.ts';
import { ruleNamed, sequenceOf, traceOf } from './found.ts';

const rule = ruleNamed('crash/signal');
const shown = (facts: Fact, ...disks: string[]) => {
  const arena = { disks: disks.map((name) => ({ name, format: 'raw' as const, sizeBytes: 512 })) };
  return { trace: traceOf({ ...sequenceOf(), arena }), violation: { rule, at: asPlace(0), facts } };
};
const left = (...names: string[]): Fact => ({ shape: 'left', what: 'node', names });
const late = (afterMs: number): Fact => ({
  shape: 'lacking',
  what: 'reply',
  command: 'blockdev-add',
  afterMs,
});

test('names and numbers are no facts', () => {
  expect(haveSameFacts(shown(left('top', 'top-file'), 'top'), shown(left('a', 'a-file'), 'a'))).toBe(true);
  expect(haveSameFacts(shown(left('top', 'base'), 'top', 'base'), shown(left('top'), 'top'))).toBe(true);
  expect(haveSameFacts(shown(late(5000)), shown(late(1001)))).toBe(true);
});

test('what was left, and which command was not answered, are', () => {
  const job: Fact = { shape: 'left', what: 'job', names: ['top'] };
  expect(haveSameFacts(shown(left('top'), 'top'), shown(job, 'top'))).toBe(false);
  const other: Fact = { shape: 'lacking', what: 'reply', command: 'transaction', afterMs: 5000 };
  expect(haveSameFacts(shown(late(5000)), shown(other))).toBe(false);
});
