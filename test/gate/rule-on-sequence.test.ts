import { expect, test } from 'vitest';
import type { Tried } from '../../src/campaign/try-out.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { openCauses } from '../../src/gate/causes.ts';
import { openKnown } from '../../src/gate/known.ts';
import type { Look, Side } from '../../src/gate/lane.ts';
import { ruleOnSequence } from '../../src/gate/rule-on-sequence.ts';
import type { Ruling } from '../../src/gate/ruling.ts';
import { crashFound } from '../findings/found.ts';
import { defaultPolicy, finding, item, row } from './examples.ts';

const { violation, trace } = crashFound({});
const signature = signatureOf(violation, trace);
const nothing: Tried = { signatures: [], violations: [], verdicts: [], trace };
const passes: Look = { is: 'decided', reason: '', tried: nothing };
const breaks: Look = { ...passes, tried: { ...nothing, signatures: [signature], violations: [violation] } };
const troubled: Look = {
  is: 'undecided',
  reason: 'no room',
  tried: { ...nothing, trace: [], reason: 'no room', trouble: { reason: 'no room' } },
};

/** A lane whose runs are looks out of a list, the last one for ever; `asked`: which side ran how often. */
function ruling(looks: Partial<Record<Side, Look[]>>, more: Partial<Ruling> = {}) {
  const asked = { candidate: 0, baseline: 0 };
  const queues = { candidate: [...(looks.candidate ?? [])], baseline: [...(looks.baseline ?? [])] };
  const on = {
    lane: {
      run(side: Side): Promise<Look> {
        asked[side]++;
        const queue = queues[side];
        return Promise.resolve((queue.length > 1 ? queue.shift() : queue[0]) as Look);
      },
      started: () => 0,
      close: () => Promise.resolve(),
      kill: () => Promise.resolve(),
    },
    known: openKnown([]),
    causes: openCauses(),
    policy: defaultPolicy,
    today: '2026-11-29',
    candidate: { label: '11.1.3', version: '11.1.3', origin: 'path', path: '/qemu' },
    version: '11.1.3',
    hasBaseline: () => looks.baseline !== undefined,
    isLate: () => false,
    isPartOver: () => false,
    ...more,
  } satisfies Ruling;
  return { on, asked };
}

test('what breaks nothing passes by one run, and the baseline is not asked', async () => {
  const { on, asked } = ruling({ candidate: [passes], baseline: [passes] });
  expect(await ruleOnSequence(item(), on)).toMatchObject({ verdict: 'pass', candidate: { shown: 0, of: 1 } });
  expect(asked).toEqual({ candidate: 1, baseline: 0 });
});

test('what the candidate breaks and the baseline does not fails, after nine pairs', async () => {
  const { on } = ruling({ candidate: [breaks], baseline: [passes] });
  expect(await ruleOnSequence(item(), on)).toMatchObject({
    verdict: 'fail',
    candidate: { shown: 9, of: 9 },
    baseline: { shown: 0, of: 9 },
    broken: { signature, impact: 'crash' },
  });
});

test('what both break is known, and what no run shows again is flaky', async () => {
  const both = ruling({ candidate: [breaks], baseline: [breaks] });
  expect((await ruleOnSequence(item(), both.on)).verdict).toBe('known');
  const once = ruling({ candidate: [breaks, passes], baseline: [passes] });
  expect((await ruleOnSequence(item(), once.on)).verdict).toBe('flaky');
});

test('without a baseline two runs are enough, and what the store knows is not run again', async () => {
  const alone = ruling({ candidate: [breaks] });
  expect(await ruleOnSequence(item(), alone.on)).toMatchObject({
    verdict: 'fail',
    candidate: { shown: 2, of: 2 },
  });
  const known = openKnown([finding({ affected: [row('11.1.3', 3, 3)] })]);
  const told = ruling({ candidate: [breaks] }, { known });
  expect((await ruleOnSequence(item(), told.on)).verdict).toBe('known');
  expect(told.asked.candidate).toBe(1);
});

test('a machine that fails is neither a pass nor a failure, whenever it fails', async () => {
  const always = ruling({ candidate: [troubled], baseline: [passes] });
  expect(await ruleOnSequence(item(), always.on)).toMatchObject({ verdict: 'unknown', reason: 'no room' });
  const later = ruling({ candidate: [breaks, troubled], baseline: [passes] });
  expect(await ruleOnSequence(item(), later.on)).toMatchObject({ verdict: 'unknown', reason: 'no room' });
  const there = ruling({ candidate: [breaks], baseline: [troubled] });
  expect(await ruleOnSequence(item(), there.on)).toMatchObject({ verdict: 'unknown', reason: 'no room' });
  const inTime = ruling({ candidate: [troubled, passes] });
  expect((await ruleOnSequence(item(), inTime.on)).verdict).toBe('pass');
});

test('a failure that there is no time to show again is undecided', async () => {
  const { on } = ruling({ candidate: [breaks], baseline: [passes] }, { isLate: () => true });
  expect((await ruleOnSequence(item(), on)).verdict).toBe('unknown');
});

test('the second item by one cause is shown again on the candidate alone', async () => {
  const { on, asked } = ruling({ candidate: [breaks], baseline: [passes] });
  await ruleOnSequence(item(), on);
  const before = asked.baseline;
  const second = await ruleOnSequence(item({ name: 'scenario/two' }), on);
  expect(second).toMatchObject({ verdict: 'fail', candidate: { shown: 2, of: 2 } });
  expect(second.reason).toMatch(/; the baseline 0\/9, as in scenario\/one$/);
  expect(asked.baseline).toBe(before);
});
