import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';

type Disk = Sequence['arena']['disks'][number];

/** A disk of 1 MiB with content. */
export const disk = (more: Partial<Disk> = {}): Disk => ({
  name: 'src',
  format: 'qcow2',
  sizeBytes: 2 ** 20,
  fill: 'seeded',
  ...more,
});

/** Starts the job j0, which copies src to a new disk dst. */
export const mirror = (more: Partial<Extract<Step, { qmp: string }>> = {}, args: object = {}): Step => ({
  qmp: 'blockdev-mirror',
  args: { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full', ...args },
  ...more,
});

export const untilReady: Step = { await: 'READY', job: 'j0', expect: 'met' };
export const untilGone: Step = { await: 'gone', job: 'j0', expect: 'met' };
/** After READY: ends the copy where it is. */
export const cancel: Step = { qmp: 'block-job-cancel', args: { device: 'j0' }, expect: 'ok' };
