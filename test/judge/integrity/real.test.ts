import { expect, test } from 'vitest';
import { judge } from '../../../src/judge/judge.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
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
  const found = judge(await tamperedRun(driven, sequence, tampering));
  return [...new Set(found.map(({ rule }) => rule.name))].sort();
}

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
});
