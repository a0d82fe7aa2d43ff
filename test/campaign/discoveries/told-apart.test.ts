import { describe, expect, test } from 'vitest';
import { recordToldApart, unsureWords } from '../../../src/campaign/discoveries/told-apart.ts';
import type { NewFinding } from '../../../src/findings/new-finding.ts';
import type { Stack } from '../../../src/findings/stacks/stack.ts';
import { openFindings } from '../../../src/findings/store.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { Step } from '../../../src/sequence/step.ts';
import { crashFound, mirrorStep, sequenceOf } from '../../findings/found.ts';
import { valgrindOf4ea3 } from '../../findings/stacks/recorded.ts';
import { temporaryDir } from '../../target/temporary.ts';

const signature = 'crash/SIGSEGV in blockdev-reopen';
const pause: Step = { qmp: 'job-pause', args: { id: '#0' } };
const cancel: Step = { qmp: 'job-cancel', args: { id: '#0' } };
const known = sequenceOf(mirrorStep, pause);
const another = sequenceOf(mirrorStep, { pause: 1 }, pause);

/** The store has one crash; another sequence that dies of the same signal is recorded beside it. */
async function beside(
  sequence: Sequence,
  { seen = new Map(), before = [], isMinimal = true }: Partial<Given> = {},
) {
  const store = openFindings(temporaryDir());
  const first = store.record(found(known, before)).id;
  const looked: Sequence[] = [];
  const see = async (at: Sequence): Promise<readonly Stack[]> => {
    looked.push(at);
    return seen.get(at.steps.length) ?? [];
  };
  const recorded = await recordToldApart(store, found(sequence), { isMinimal, see });
  return { store, first, looked, ...recorded };
}

type Given = { seen: Map<number, Stack[]>; before: Stack[]; isMinimal: boolean };

const found = (sequence: Sequence, stacks: Stack[] = []): NewFinding => ({
  ...crashFound({ signature }),
  sequence,
  original: sequence,
  stacks,
});

/** gdb saw it die there; all frames are of QEMU's own. */
const diedIn = (...functions: string[]): Stack => ({
  by: 'gdb',
  is: 'fault',
  said: 'SIGSEGV',
  parts: [{ of: 'died', frames: functions.map((name) => ({ function: name })) }],
  qemu: { label: '7.2.22', version: '7.2.22', flavour: 'system' },
});

describe('a signal that the store has under the same signature', () => {
  test('is a finding of its own where gdb sees both fail, at two places', async () => {
    const seen = new Map([
      [2, [diedIn('qcow2_reopen_prepare', 'main')]],
      [3, [diedIn('mirror_run', 'main')]],
    ]);
    const { store, first, id, isNew, unsure, looked } = await beside(another, { seen });
    expect([id === first, isNew, unsure]).toEqual([false, true, undefined]);
    expect(looked.map(({ steps }) => steps.length)).toEqual([3, 2]);
    expect(store.read(first).finding.stacks).toEqual([diedIn('qcow2_reopen_prepare', 'main')]);
  });

  test('is that finding where gdb sees both fail at one place, and the stored one is not run again for that', async () => {
    const stack = diedIn('mirror_run', 'main');
    const { first, id, isNew, unsure, looked } = await beside(another, {
      before: [stack],
      seen: new Map([[3, [stack]]]),
    });
    expect([id === first, isNew, unsure]).toEqual([true, false, undefined]);
    expect(looked).toHaveLength(1);
  });

  test('is that finding where nobody saw a place, which is said in a line', async () => {
    const { first, id, unsure } = await beside(another);
    expect(id).toBe(first);
    expect(unsureWords(id, unsure ?? 'not comparable')).toMatch(
      /^it counts as [0-9a-f]{12}, and may be another defect with the same signature: gdb /,
    );
  });

  test('is unsure, too, where the stored one blames memory and the new one shows only where it died', async () => {
    const { unsure } = await beside(another, {
      before: [valgrindOf4ea3()],
      seen: new Map([[3, [diedIn('mirror_run', 'main')]]]),
    });
    expect(unsure).toBe('not comparable');
  });

  test('is the same for sure where it is the same sequence', async () => {
    expect((await beside(known)).unsure).toBeUndefined();
  });

  test.each([
    [true, true],
    [false, false],
  ])('with other commands is another one where it is minimal: %s', async (isMinimal, isOther) => {
    const { first, id } = await beside(sequenceOf(mirrorStep, cancel), { isMinimal });
    expect(id !== first).toBe(isOther);
  });
});

test('an assertion says itself where it is: gdb does not look', async () => {
  const store = openFindings(temporaryDir());
  const see = () => Promise.reject(new Error('looked'));
  expect(await recordToldApart(store, crashFound(), { isMinimal: true, see })).toMatchObject({ isNew: true });
});
