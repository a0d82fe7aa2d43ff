import { describe, expect, onTestFinished, test } from 'vitest';
import { openTryOut } from '../../src/campaign/try-out.ts';
import { openSessions } from '../../src/execute/sessions/sessions.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { shrink } from '../../src/shrink/shrink.ts';
import { openRunRoot } from '../../src/target/run-dir.ts';
import { oneQemu } from '../real/qemus.ts';
import { throughProxy } from './tampered-run.ts';
import type { Tampering } from './tampering.ts';

/** READY is told twice now and then; and every set-speed is refused, which is another defect. */
const lies = (rate: number): Tampering[] => [
  { at: { event: 'BLOCK_JOB_READY' }, nth: 'every', chance: rate, act: 'repeat' },
  {
    at: { reply: 'block-job-set-speed' },
    nth: 'every',
    act: 'edit',
    set: { error: { class: 'GenericError', desc: 'no' } },
    unset: ['return'],
  },
];

const met: Sequence = {
  schema: 1,
  title: 'met with two defects in it',
  arena: {
    disks: [
      { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded' },
      { name: 'dst', format: 'qcow2', sizeBytes: 2 ** 20 },
      { name: 'more', format: 'raw', sizeBytes: 2 ** 20 },
    ],
  },
  steps: [
    { qmp: 'query-jobs' },
    {
      qmp: 'blockdev-mirror',
      args: {
        'job-id': 'j0',
        device: { disk: 'src' },
        target: { disk: 'dst' },
        sync: 'full',
        granularity: 65_536,
      },
    },
    { qmp: 'block-job-set-speed', args: { device: 'j0', speed: 2 ** 30 } },
    { await: 'READY', job: 'j0' },
    { qmp: 'query-block-jobs' },
    { qmp: 'block-job-set-speed', args: { device: 'j0', speed: 0 } },
    { qmp: 'block-job-cancel', args: { device: 'j0' } },
    { await: 'gone', job: 'j0' },
  ],
};

const here = oneQemu();

describe.runIf(here?.daemon)('a lie of a real QEMU', () => {
  test.each([1, 0.5, 0.2])(
    'told at a rate of %d is shrunk to what brings it about, and to nothing else',
    async (rate) => {
      const { signature, tryOut } = await lying(rate);
      const shrunk = await shrink(met, {
        signature,
        tryOut,
        budget: { executions: 5_000, deadlineMs: 100_000 },
      });
      expect(shrunk.sequence.steps.flatMap((step) => ('qmp' in step ? [step.qmp] : []))).toEqual([
        'blockdev-mirror',
      ]);
      expect(shrunk.reproduced.ok).toBeGreaterThan(0);
    },
    120_000,
  );
});

/** Runs through the proxy, and how the defect that is sought signs. */
async function lying(rate: number) {
  const target = here as NonNullable<typeof here>;
  const program = target.daemon as NonNullable<typeof target.daemon>;
  const root = await openRunRoot();
  const sessions = openSessions({
    target: { ...target, daemon: throughProxy(program, lies(rate)) },
    flavour: 'daemon',
    root,
    tool: { name: 'mirrorfuzz', version: 'test' },
  });
  onTestFinished(async () => {
    await sessions.kill();
    root.remove();
  });
  const tryOut = openTryOut({ target, flavour: 'daemon', sessions });
  for (let run = 0; run < 50; run++) {
    const { violations, signatures } = await tryOut(met);
    const at = violations.findIndex(({ rule }) => rule.name.includes('ready'));
    if (at >= 0) return { tryOut, signature: signatures[at] as string };
  }
  throw new Error('the lie was not told in 50 runs');
}
