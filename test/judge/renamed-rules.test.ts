import { expect, test } from 'vitest';
import { rules } from '../../src/judge/judge.ts';
import { currentRule, currentSignature } from '../../src/judge/renamed-rules.ts';

const old = [
  'graph/start-without-node',
  'validation/node-busy',
  'validation/read-only-target',
  'validation/must-accept-mirror',
];

test.each(old)('%s is no rule any more, and its findings are read under one that is', (name) => {
  const names = rules.map((rule) => rule.name);
  expect(names).not.toContain(name);
  expect(names).toContain(currentRule(name));
});

test('a signature that begins with an old name is that of the rule of today', () => {
  expect(currentSignature('validation/node-busy: block_resize succeeds')).toBe(
    'graph/node-held: block_resize succeeds',
  );
  expect(currentSignature('crash/Assertion `a: b` failed')).toBe('crash/Assertion `a: b` failed');
});
