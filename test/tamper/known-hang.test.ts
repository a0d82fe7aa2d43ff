import { describe, expect, onTestFinished, test } from 'vitest';
import { propertyFiles } from '../../src/campaign/properties.ts';
import { openTryOut } from '../../src/campaign/try-out.ts';
import { openTaskRunner } from '../../src/campaign/worker/task-runner.ts';
import { openSessions } from '../../src/execute/sessions/sessions.ts';
import { standingStill } from '../../src/findings/signature/hang.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import { hostFactor } from '../../src/trace/host.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { oneQemu } from '../real/qemus.ts';
import { sequences } from './sequences.ts';
import { throughProxy } from './tampered-run.ts';
import type { Tampering } from './tampering.ts';

const here = oneQemu();
const hang = 'hang/command: query-block-jobs';

describe.runIf(here?.daemon)('an answer that never comes', () => {
  test('is a hang that is known after an impatient look', async () => {
    const { signatures, trace, suspect } = await tried(() => true);
    expect(signatures).toContainEqual(expect.stringContaining(hang));
    expect(waitedMs(trace)).toBeLessThan(patientMs);
    expect(suspect).toBeUndefined();
  });

  test('is no more than suspect to that look where the hang is news', async () => {
    expect(await tried(() => false)).toMatchObject({ suspect: true });
  });

  test('is waited for with patience where nobody said what is known', async () => {
    const { signatures, trace, suspect } = await tried();
    expect(signatures).toContainEqual(expect.stringContaining(hang));
    expect(waitedMs(trace)).toBeGreaterThanOrEqual(patientMs);
    expect(suspect).toBeUndefined();
  });

  test('met in a hunt, is told when it has been confirmed, with a patient trace', async () => {
    const { target, root } = await lying({ at: { reply: 'query-jobs' }, act: 'drop' });
    const programs = [{ target, flavour: 'daemon' as const }];
    const plan = { kind: 'plan', programs, propertyFiles: propertyFiles(), tool, isolated: false } as const;
    const runner = await openTaskRunner(plan, root);
    onTestFinished(runner.kill);
    const task = { kind: 'run', program: 0, property: 'lifecycle', origin: { from: 'property' } } as const;
    for (let index = 0; index < 50; index++) {
      const { ran, suspect } = await runner.run({ ...task, index, seed: `known hang ${index}` });
      if (!suspect) continue;
      expect(ran).toMatchObject({ suspect: true, violations: [] });
      // Met again before it is confirmed, it is not told either.
      const again = await runner.run({ ...task, index, seed: `known hang ${index}` });
      expect(again.ran.violations).toEqual([]);
      const { violations } = (await runner.confirm(suspect)).ran;
      expect(violations.map(({ signature }) => signature)).toContainEqual(
        expect.stringContaining('hang/command: query-jobs'),
      );
      expect(waitedMs(violations[0]?.trace ?? [])).toBeGreaterThanOrEqual(patientMs);
      return;
    }
    expect.fail('no sequence asked for jobs');
  });
});

describe.runIf(here?.daemon)('a resume that is never done', () => {
  test('is told in one way, and waited for shortly where that is known', async () => {
    const news = await standing(() => false);
    const [stood] = news.signatures.filter((signature) => standingStill.includes(signature));
    expect(stood).toBeDefined();
    const known = await standing((signature) => signature === stood);
    expect(known.signatures).not.toContain(stood);
    expect(settledUs(known.trace)).toBeLessThan(settledUs(news.trace));
  });
});

/** A mirror that stands paused at the end; QEMU is asked something else when it is to go on. */
async function standing(isKnown: (signature: string) => boolean) {
  const swallowed = { execute: 'query-version', arguments: {} };
  const lie = { at: { command: 'job-resume' }, nth: 'every', act: 'edit', set: swallowed } as const;
  const { target, root } = await lying(lie);
  const sessions = openSessions({ target, flavour: 'daemon', root, tool });
  onTestFinished(sessions.kill);
  const steps = sequences.resumed.steps.slice(0, 3);
  return openTryOut({ target, flavour: 'daemon', sessions })({ ...sequences.resumed, steps }, isKnown);
}

/** How long settling would have taken on an ordinary host. */
function settledUs(trace: Trace): number {
  const begunUs = (phase: string) =>
    trace.find((seen) => seen.kind === 'phase' && seen.phase === phase)?.us ?? Number.NaN;
  return (begunUs('teardown') - begunUs('settle')) / slownessOf(trace);
}

/** Of the host, by which deadlines are longer. */
function slownessOf(trace: Trace): number {
  const opened = trace.find(({ kind }) => kind === 'opened');
  return opened?.kind === 'opened' ? hostFactor(opened.roundTripUs) : Number.NaN;
}

/** A command's deadline on an ordinary host (execute/limits.ts). */
const patientMs = 5_000;

/** What such a host would have waited. */
function waitedMs(trace: Trace): number {
  const expired = trace.find((seen) => seen.kind === 'expired' && seen.what === 'command');
  return expired?.kind === 'expired' ? expired.deadlineMs / slownessOf(trace) : 0;
}

async function tried(isKnown?: (signature: string) => boolean) {
  const { target, root } = await lying({ at: { reply: 'query-block-jobs' }, act: 'drop' });
  const sessions = openSessions({ target, flavour: 'daemon', root, tool });
  onTestFinished(sessions.kill);
  // Without the step's own deadline, which no impatience shortens.
  const steps = sequences.softCancel.steps.slice(0, 4);
  return openTryOut({ target, flavour: 'daemon', sessions })({ ...sequences.softCancel, steps }, isKnown);
}

async function lying(lie: Tampering) {
  const target = here as NonNullable<typeof here>;
  const daemon = throughProxy(target.daemon as NonNullable<typeof target.daemon>, [lie]);
  const root = await openRunRoot();
  onTestFinished(() => root.remove());
  return { target: { ...target, daemon }, root };
}

const tool = { name: 'test', version: '0' };
