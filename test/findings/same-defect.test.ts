import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NewFinding } from '../../src/findings/new-finding.ts';
import { findingId } from '../../src/findings/signature.ts';
import { openFindings } from '../../src/findings/store.ts';
import type { Step } from '../../src/sequence/step.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound, mirrorStep, ruleNamed, sequenceOf } from './found.ts';

const mirrorArgs = { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full' };
const complete: Step = { qmp: 'job-complete', args: { id: '#0' } };
const pause: Step = { qmp: 'job-pause', args: { id: '#0' } };
const resume: Step = { qmp: 'block-job-resume', args: { device: '#0' } };

describe('two findings are one', () => {
  test('where a run of either minimal sequence breaks both rules; the more serious stays', () => {
    const store = openFindings(temporaryDir());
    const leak = store.record(told('leak/leftover', [mirrorStep, complete], ['crash/x']));
    const crash = store.record(told('crash/x', [mirrorStep, pause, complete], ['leak/leftover']));
    expect(crash).toEqual({ id: findingId('crash/x'), isNew: true, joined: [leak.id] });
    expect(store.list().findings).toMatchObject([
      { id: crash.id, count: 2, alsoBreaks: [{ rule: 'leak/leftover', signature: 'leak/leftover' }] },
    ]);
  });

  test('where the steps of one are how the other begins, waits and names aside', () => {
    const store = openFindings(temporaryDir());
    const short = store.record(told('state/transition', [mirrorStep, pause, { pause: 3 }, resume]));
    const renamed: Step = { qmp: 'blockdev-mirror', args: { ...mirrorArgs, 'job-id': 'x' } };
    const long: Step[] = [renamed, pause, { qmp: 'job-resume', args: { id: '#0' } }, complete, complete];
    expect(store.record(told('state/verb-reply', long))).toMatchObject({ id: short.id, joined: [short.id] });
  });
});

test('one that is minimal tells of another as it was met, if both were met together', () => {
  const store = openFindings(temporaryDir());
  const leak = store.record({
    ...told('leak/leftover', [mirrorStep, pause, complete], ['crash/x']),
    executions: 1,
  });
  const asMet = { ...told('crash/x', [mirrorStep, pause, complete], ['leak/leftover']), executions: 1 };
  expect(store.record(asMet)).toMatchObject({ joined: [] });
  expect(store.record(told('crash/x', [mirrorStep], ['leak/leftover']))).toMatchObject({ joined: [leak.id] });
  expect(store.list().findings).toMatchObject([{ id: findingId('crash/x'), steps: 1 }]);
});

test('… but not of one that was met without it', () => {
  const store = openFindings(temporaryDir());
  store.record({ ...told('leak/leftover', [mirrorStep, complete]), executions: 1 });
  store.record(told('crash/x', [mirrorStep], ['leak/leftover']));
  expect(store.list().findings).toHaveLength(2);
});

test('what breaks a minor rule with few steps, and the major one of another, is how that one looks on its way', () => {
  const store = openFindings(temporaryDir());
  const crash = store.record(told('crash/x', [mirrorStep, complete]));
  expect(store.record(told('leak/leftover', [mirrorStep, pause, complete], ['crash/x']))).toMatchObject({
    id: crash.id,
    joined: [crash.id],
  });
  const longer = [mirrorStep, pause, resume, pause, resume, complete];
  expect(store.record(told('hang/resume', longer, ['crash/x']))).toMatchObject({ joined: [] });
});

describe('two findings stay two', () => {
  test('where only one of the sequences breaks both rules', () => {
    const store = openFindings(temporaryDir());
    store.record(told('protocol/one-reply', [mirrorStep]));
    expect(store.record(told('crash/x', [mirrorStep, complete], ['protocol/one-reply']))).toMatchObject({
      joined: [],
    });
    expect(store.list().findings).toHaveLength(2);
  });

  test('where the steps differ in an argument', () => {
    const store = openFindings(temporaryDir());
    const negative = { ...mirrorStep, args: { ...mirrorArgs, 'buf-size': -1 } };
    store.record(told('validation/start-arguments', [negative]));
    store.record(told('state/transition', [{ ...mirrorStep, args: { ...mirrorArgs, granularity: 3 } }]));
    expect(store.list().findings).toHaveLength(2);
  });

  test('where a crash comes where another rule was broken', () => {
    const store = openFindings(temporaryDir());
    store.record(told('state/transition', [mirrorStep, pause]));
    store.record(told('crash/x', [mirrorStep, pause]));
    expect(store.list().findings).toHaveLength(2);
  });

  test('as long as one of them is not minimal', () => {
    const store = openFindings(temporaryDir());
    store.record(told('state/transition', [mirrorStep, pause]));
    store.record({ ...told('state/verb-reply', [mirrorStep, pause]), executions: 1 });
    expect(store.list().findings).toHaveLength(2);
  });
});

test('the other id is a link, and whatever is met or asked under it is the one finding', () => {
  const dir = temporaryDir();
  const store = openFindings(dir);
  const first = told('state/transition', [mirrorStep, pause]);
  const second = told('state/verb-reply', [mirrorStep, pause, complete]);
  const { id } = store.record(first);
  store.record(second);
  const other = findingId(second.signature);
  expect(lstatSync(join(dir, other)).isSymbolicLink()).toBe(true);
  expect(store.read(other).finding.id).toBe(id);
  expect(store.record({ ...second, executions: 1, times: 3 })).toMatchObject({ id, isNew: false });
  expect(store.read(id).finding).toMatchObject({ count: 5, rule: 'state/transition', steps: 2 });
  expect(readdirSync(dir).filter((name) => name.startsWith('.new-'))).toEqual([]);
});

/** A finding that is minimal, under a signature that is as good as any. */
function told(signature: string, steps: Step[], beside: string[] = []): NewFinding {
  const found = crashFound();
  const rule = ruleNamed(signature === 'crash/x' ? 'crash/signal' : signature);
  const sequence = sequenceOf(...steps);
  return { ...found, rule, signature, sequence, original: sequence, beside };
}
