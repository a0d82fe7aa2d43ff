import { expect, test } from 'vitest';
import { rules } from '../../src/judge/judge.ts';
import { signatureOf } from '../../src/report/outcome.ts';

const [rule] = rules as [(typeof rules)[number], ...unknown[]];
const signature = (text: string): string => signatureOf({ rule, at: 0, text });

test.each([
  ['a deadline', 'not settled after 10000 ms', 'not settled after 31840 ms'],
  ['an address', 'SIGSEGV at 0x7f3a', 'SIGSEGV at 0x55d0c8'],
  [
    'a directory',
    'could not open /dev/shm/a-1/s1/q0/src.raw: gone',
    'could not open /tmp/b-2/s9/q3/src.raw: gone',
  ],
])('%s, which differs from run to run, makes no other finding', (_what, one, other) => {
  expect(signature(one)).toBe(signature(other));
});

test('other words, or another rule, make another finding', () => {
  expect(signature('node left behind')).not.toBe(signature('export left behind'));
  const [another] = rules.filter(({ name }) => name !== rule.name);
  expect(signatureOf({ rule: another as typeof rule, at: 0, text: 'x' })).not.toBe(signature('x'));
});
