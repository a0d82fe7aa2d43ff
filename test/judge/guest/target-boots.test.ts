import { describe, expect, test } from 'vitest';
import { targetBoots } from '../../../src/judge/guest/target-boots.ts';
import { judge } from '../../../src/judge/judge.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { onOneQemu } from '../../real/qemus.ts';
import { tamperedRun } from '../../tamper/tampered-run.ts';
import type { Tampering } from '../../tamper/tampering.ts';
import { judgeTales } from '../rulings.ts';
import { bootTales } from './target-boots-tales.ts';

describe('whether a guest boots from what was copied', () => judgeTales(targetBoots, bootTales));

const sizeBytes = 2 ** 20;
const mirrored: Sequence = {
  schema: 1,
  title: 'a mirror of a bootable disk',
  arena: {
    disks: [
      { name: 'src', format: 'raw', sizeBytes, fill: 'full', bootable: true },
      { name: 'dst', format: 'raw', sizeBytes },
    ],
  },
  steps: [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' },
    },
    { await: 'READY', job: '#0', expect: 'met' },
    { qmp: 'block-job-cancel', args: { device: '#0' }, expect: 'ok' },
    { await: 'gone', job: '#0', expect: 'met' },
  ],
  after: [{ boots: 'dst' }],
};

/** A byte of the target is inverted when the mirror has ended. */
const flipped = (offsetBytes: number): Tampering => ({
  at: { event: 'JOB_STATUS_CHANGE', data: { status: 'null' } },
  act: 'flip',
  file: 'q0/dst.raw',
  offsetBytes,
  lengthBytes: 1,
});

onOneQemu((driven) => {
  const broken = async (...tampering: Tampering[]): Promise<string[]> =>
    judge(await tamperedRun(driven, mirrored, tampering)).violations.map(({ rule }) => rule.name);

  test('a copy of a bootable disk boots, whichever program made it', async () => {
    expect(await broken()).toEqual([]);
  });

  test('a copy whose boot sector is damaged does not boot', async () => {
    expect(await broken(flipped(510))).toEqual(['integrity/mirror-copy', 'integrity/target-boots']);
  });

  test('a copy of which a byte has changed boots, and is not what was copied', async () => {
    expect(await broken(flipped(100_000))).toEqual(['integrity/mirror-copy']);
  });
});
