import { expect, test } from 'vitest';
import { judge } from '../../../src/judge/judge.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { Trace } from '../../../src/trace/observation.ts';
import { driving } from '../../execute/driving.ts';
import type { Driven } from '../../real/qemus.ts';
import { onOneQemu } from '../../real/qemus.ts';
import { tamperedRun } from '../../tamper/tampered-run.ts';
import type { Tampering } from '../../tamper/tampering.ts';

const sizeBytes = 2 ** 20;
const endedBy = (verb: 'block-job-complete' | 'block-job-cancel'): Sequence => ({
  schema: 1,
  title: 'a mirror under a guest that writes',
  arena: {
    disks: [
      { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd' },
      { name: 'dst', format: 'raw', sizeBytes },
    ],
  },
  steps: [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' },
    },
    { await: 'READY', job: '#0', expect: 'met' },
    { guest: 'write', disk: 'src', offsetBytes: 4096, lengthBytes: 65_536, expect: 'ok' },
    { qmp: verb, args: { device: '#0' }, expect: 'ok' },
    { await: 'gone', job: '#0', expect: 'met' },
    { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 8192, expect: 'ok' },
    { guest: 'read', disk: 'src', offsetBytes: 0, lengthBytes: 131_072, expect: 'ok' },
  ],
  after: [{ content: 'src' }, { content: 'dst' }],
});

/** A byte of the image is inverted when the mirror has ended. */
const flipped = (file: string, offsetBytes: number): Tampering => ({
  at: { event: 'JOB_STATUS_CHANGE', data: { status: 'null' } },
  act: 'flip',
  file: `q0/${file}.raw`,
  offsetBytes,
  lengthBytes: 1,
});

async function broken(driven: Driven, sequence: Sequence, tampering: Tampering[] = []): Promise<string[]> {
  return rulesBroken(await tamperedRun(driven, sequence, tampering));
}

const rulesBroken = (trace: Trace): string[] =>
  [...new Set(judge(trace).violations.map(({ rule }) => rule.name))].sort();

/** QEMU is killed once the guest has flushed, and comes back on the images as they are. */
const restarted: Sequence = {
  schema: 1,
  title: 'killed and started again',
  arena: {
    disks: [
      { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd' },
      { name: 'other', format: 'raw', sizeBytes, fill: 'full' },
    ],
  },
  steps: [
    { guest: 'write', disk: 'src', offsetBytes: 4096, lengthBytes: 65_536, expect: 'ok' },
    { guest: 'flush', disk: 'src', expect: 'ok' },
    { fault: 'sigkill' },
    { await: 'exit', expect: 'met' },
    { fault: 'restart' },
    { qmp: 'query-version', expect: 'ok' },
    { guest: 'write', disk: 'src', offsetBytes: 131_072, lengthBytes: 4096, expect: 'ok' },
  ],
  after: [{ content: 'src' }, { content: 'other' }],
};

/** The trace of a run in which that image was found empty. */
const emptied = (trace: Trace, image: string): Trace =>
  trace.map((seen) =>
    seen.kind === 'content' && seen.image === image ? { ...seen, runs: [[0, sizeBytes, 'zero']] } : seen,
  );

/** Into an image of qcow2, whose header is not one any more when the mirror has ended. */
const intoQcow2: Sequence = {
  ...endedBy('block-job-cancel'),
  arena: {
    disks: [
      { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd' },
      { name: 'dst', format: 'qcow2', sizeBytes },
    ],
  },
};
const beheaded: Tampering = { ...flipped('dst', 0), file: 'q0/dst.qcow2', lengthBytes: 4 } as Tampering;

onOneQemu((driven) => {
  test('a completed and a cancelled mirror keep every promise', async () => {
    expect(await broken(driven, endedBy('block-job-complete'))).toEqual([]);
    expect(await broken(driven, endedBy('block-job-cancel'))).toEqual([]);
  });

  test("one byte of the guest's disk that changes is noticed, by the guest too", async () => {
    expect(await broken(driven, endedBy('block-job-complete'), [flipped('dst', 100_000)])).toEqual([
      'integrity/guest-disk',
      'integrity/guest-read',
    ]);
  });

  test('one byte of a copy, and of the old source, that changes is noticed', async () => {
    expect(await broken(driven, endedBy('block-job-cancel'), [flipped('dst', 5000)])).toEqual([
      'integrity/mirror-copy',
    ]);
    expect(await broken(driven, endedBy('block-job-complete'), [flipped('src', 5000)])).toEqual([
      'integrity/mirror-copy',
    ]);
  });

  const qemu = driving(driven);

  test('images are looked at after a restart, too: what changes is noticed', async () => {
    const { trace } = await qemu.run({ ...restarted, ...restarted.arena });
    expect(rulesBroken(trace)).toEqual([]);
    expect(rulesBroken(emptied(trace, 'src'))).toEqual(['integrity/guest-disk']);
    expect(rulesBroken(emptied(trace, 'other'))).toEqual(['integrity/untouched']);
  });

  test('a copy that opens no more is noticed', async () => {
    expect(await broken(driven, intoQcow2)).toEqual([]);
    expect(await broken(driven, intoQcow2, [beheaded])).toEqual(['integrity/readable']);
  });
});
