import { expect, test } from 'vitest';
import { firstOfEachKind } from '../../../src/campaign/worker/first-of-each-kind.ts';
import type { FindingKind, Violation } from '../../../src/judge/rule.ts';
import { asPlace } from '../../../src/trace/place.ts';
import { unclaimed } from '../../findings/facts.ts';

const broken = (name: string, kind: FindingKind, at: number): Violation => ({
  rule: { name, kind, statement: '', source: '' },
  at: asPlace(at),
  facts: unclaimed,
});

test('of what one run breaks, the first of each kind by place is told', () => {
  const violations = [
    broken('late', 'state', 9),
    broken('early', 'state', 3),
    broken('other', 'leak', 20),
    broken('echo', 'leak', 21),
  ];
  expect(firstOfEachKind(violations).map(({ rule }) => rule.name)).toEqual(['early', 'other']);
});
