import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/judge/judge.ts';
import type { Dialect } from '../../../src/sequence/sequence.ts';
import { device, event, failed, ok, said, session, shown, sound, steady, wrong } from './sessions.ts';

const broken = (dialect: Dialect, ...seen: object[]): string[] =>
  judge(session(dialect, '10.0.13', ...seen)).violations.map(({ rule }) => rule.name);

describe('a session of RHEL 6.3', () => {
  test.each(Object.entries(sound))('breaks no rule: %s', (_, seen) => {
    expect(broken('rhel6', ...seen)).toEqual([]);
  });

  test.each(wrong)('breaks %s: %s', (rule, _, seen) => {
    expect(broken('rhel6', ...seen)).toContain(rule);
  });

  test('tells a violation’s place as the client saw it', () => {
    const trace = session('rhel6', '10.0.13', ...steady, event('READY'));
    const [violation] = judge(trace).violations;
    expect(trace[violation?.at ?? 0]).toMatchObject({ name: 'BLOCK_JOB_READY' });
    expect(violation?.at).toBe(trace.length - 1);
  });
});

describe('a session of RHEL 7', () => {
  const drive = said('drive-mirror', { device, target: '/sn1', sync: 'full' }, ok);

  test('breaks no rule where block-job-complete ends a mirror in steady state', () => {
    const complete = said('block-job-complete', { device }, ok);
    expect(broken('rhel7', ...drive, event('READY'), ...complete, event('COMPLETED'), ...shown())).toEqual(
      [],
    );
  });

  test('breaks state/verb-reply where block-job-complete is accepted before READY', () => {
    expect(broken('rhel7', ...drive, ...said('block-job-complete', { device }, ok))).toEqual([
      'state/verb-reply',
    ]);
  });

  test('breaks no rule where a paused mirror refuses a soft cancel', () => {
    const pause = said('block-job-pause', { device }, ok);
    const cancel = said('block-job-cancel', { device }, failed('GenericError', 'is currently paused'));
    expect(broken('rhel7', ...drive, ...pause, ...cancel)).toEqual([]);
  });
});

test('a mirror that is cancelled after QEMU was started again is undecided: what was heard before is mixed with it', () => {
  const mirrored = said('__com.redhat_drive-mirror', { device, target: '/sn1', full: true }, ok);
  const trace = session(
    'rhel6',
    '10.0.13',
    ...mirrored,
    event('READY'),
    { kind: 'disconnect' },
    { kind: 'exit', code: null, signal: 'SIGKILL', asked: true },
    { kind: 'restarted', step: 1 },
    ...said('__com.redhat_drive-mirror', { device, target: '/sn1', full: true }, ok),
    event('READY'),
    ...said('block-job-cancel', { device }, ok),
    event('CANCELLED'),
  );
  const { violations, verdicts } = judge(trace);
  expect(violations).toEqual([]);
  for (const name of ['state/verb-reply', 'state/cancelled-unprovoked']) {
    const verdict = verdicts.find(({ rule }) => rule.name === name);
    expect(verdict).toMatchObject({ held: 0, undecided: [{ why: 'dialect across a restart' }] });
  }
});
