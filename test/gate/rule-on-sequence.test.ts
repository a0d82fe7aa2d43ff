import { expect, test } from 'vitest';
import type { Tried } from '../../src/campaign/try-out.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { openKnown } from '../../src/gate/known.ts';
import type { Look } from '../../src/gate/lane.ts';
import { ruleOnSequence } from '../../src/gate/rule-on-sequence.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { crashFound } from '../findings/found.ts';
import { finding, item, row } from './examples.ts';
import { ruling } from './scripted.ts';

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
  const { on } = ruling({ candidate: [breaks], baseline: [passes] }, { outOfTime: () => 'no time' });
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

/** As many runs as that, and then the time of the item is over. */
function timeFor(runs: number): () => string | undefined {
  let asked = 0;
  return () => (asked++ < runs ? undefined : 'it took more than its share of 48 s');
}

test('an item whose time is over fails where four clear pairs say so, and is undecided before', async () => {
  const clear = ruling({ candidate: [breaks], baseline: [passes] }, { outOfTime: timeFor(4) });
  expect(await ruleOnSequence(item(), clear.on)).toMatchObject({
    verdict: 'fail',
    candidate: { shown: 4, of: 4 },
  });
  const short = ruling({ candidate: [breaks], baseline: [passes] }, { outOfTime: timeFor(3) });
  expect(await ruleOnSequence(item(), short.on)).toMatchObject({
    verdict: 'unknown',
    reason: 'it took more than its share of 48 s',
    candidate: { shown: 3, of: 3 },
    baseline: { shown: 0, of: 3 },
  });
});

test('one miss on the candidate, and what time allowed is not clear', async () => {
  const looks = { candidate: [breaks, breaks, passes, breaks], baseline: [passes] };
  const { on } = ruling(looks, { outOfTime: timeFor(6) });
  expect((await ruleOnSequence(item(), on)).verdict).toBe('unknown');
});

test('what the baseline has shown by the time that is over is known', async () => {
  const { on } = ruling({ candidate: [breaks], baseline: [breaks] }, { outOfTime: timeFor(2) });
  expect((await ruleOnSequence(item(), on)).verdict).toBe('known');
});

test('what was met in a fresh session is shown again in fresh ones, and says so', async () => {
  const { on, fresh } = ruling({ candidate: [breaks] });
  const { reason } = await ruleOnSequence(item(), on);
  expect(fresh).toEqual([false, true, true]);
  expect(reason).toBe('the scenario fails: 2/2, each in a fresh session');
});

test('what was met in a session that had run something else is shown again as that was', async () => {
  const [opened, ...rest] = trace as [Extract<Trace[number], { kind: 'opened' }>, ...Trace];
  const later: Trace = [{ ...opened, session: { sequencesBefore: 3 } }, ...rest];
  const kept: Look = { ...breaks, tried: { ...breaks.tried, trace: later } };
  const { on, fresh } = ruling({ candidate: [kept] });
  expect((await ruleOnSequence(item(), on)).reason).toBe('the scenario fails: 2/2');
  expect(fresh).toEqual([false, false, false]);
});
