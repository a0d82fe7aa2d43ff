import { expect, test } from 'vitest';
import type { Stack } from '../../../src/findings/stacks/stack.ts';
import { openFindings } from '../../../src/findings/store.ts';
import { temporaryDir } from '../../target/temporary.ts';
import { crashFound } from '../found.ts';
import { committed } from '../recorded.ts';

/*
 * Six defects of QEMU 7.2 and 11.1 that misuse memory, as debuggers saw them (findings explain). Any of them may end in
 * words of the allocator, or in a bare SIGSEGV in whatever comes next: by those alone they are one bag.
 */
const ids = ['ab89e1d6696c', '984d43510d2e', '4ea3d4aebf19', 'a5428087eb6f', '23c96a23c3be', '872f10513b82'];
const stacksOf = (id: string): Stack[] => committed.read(id).finding.stacks ?? [];
const by = (debuggers: readonly Stack['by'][]) => (id: string) =>
  stacksOf(id).filter((stack) => debuggers.includes(stack.by));

/** Met by one crash after the other: how many findings there are then. */
function bag(seenOf: (id: string) => Stack[], ...which: string[]): number {
  const store = openFindings(temporaryDir());
  for (const id of which)
    store.record({ ...crashFound({ stderr: 'double free or corruption (out)\n' }), stacks: seenOf(id) });
  return store.list().findings.length;
}

test('without a debugger six defects of the heap are one finding', () => {
  expect(bag(() => [], ...ids)).toBe(1);
});

test('with gdb they are six, however often they are met: each dies elsewhere', () => {
  expect(bag(by(['gdb']), ...ids, ...ids.toReversed())).toBe(6);
});

test('with valgrind alone five are: who freed it differs. The sixth uses memory that was never there', () => {
  const used = ids.filter((id) => by(['valgrind'])(id).some(({ is }) => is === 'use after free'));
  expect(used).toEqual(ids.slice(0, 5));
  expect(bag(by(['valgrind']), ...used, ...used.toReversed())).toBe(5);
});
