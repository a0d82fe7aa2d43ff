import { describe, expect, onTestFinished, test } from 'vitest';
import { openTryOut } from '../../src/campaign/try-out.ts';
import { openSessions } from '../../src/execute/sessions.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { oneQemu } from '../real/qemus.ts';
import { sequences } from './sequences.ts';
import { throughProxy } from './tampered-run.ts';

const here = oneQemu();
const hang = 'hang/command: query-block-jobs';

describe.runIf(here?.daemon)('an answer that never comes', () => {
  test('is a hang that is known after an impatient look', async () => {
    const { signatures, trace } = await tried(() => true);
    expect(signatures).toContainEqual(expect.stringContaining(hang));
    expect(waitedMs(trace)).toBeLessThan(patientMs);
  });

  test('is waited for with patience where that hang is news', async () => {
    const { signatures, trace } = await tried(() => false);
    expect(signatures).toContainEqual(expect.stringContaining(hang));
    expect(waitedMs(trace)).toBeGreaterThanOrEqual(patientMs);
  });
});

/** A command's deadline (execute/limits.ts); a slow host's is longer. */
const patientMs = 5_000;

const waitedMs = (trace: Trace): number =>
  trace.flatMap((seen) => (seen.kind === 'expired' && seen.what === 'command' ? [seen.deadlineMs] : []))[0] ??
  0;

async function tried(isKnown: (signature: string) => boolean) {
  const target = here as NonNullable<typeof here>;
  const lie = { at: { reply: 'query-block-jobs' }, act: 'drop' } as const;
  const lying = {
    ...target,
    daemon: throughProxy(target.daemon as NonNullable<typeof target.daemon>, [lie]),
  };
  const root = await openRunRoot();
  onTestFinished(() => root.remove());
  const driven = { target: lying, flavour: 'daemon' } as const;
  const sessions = openSessions({ ...driven, root, tool: { name: 'test', version: '0' } });
  onTestFinished(sessions.kill);
  // Without the step's own deadline, which no impatience shortens.
  const steps = sequences.softCancel.steps.slice(0, 4);
  return openTryOut({ ...driven, sessions })({ ...sequences.softCancel, steps }, isKnown);
}
