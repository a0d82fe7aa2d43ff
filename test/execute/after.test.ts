import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { execute } from '../../src/execute/execute.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { onEveryQemu, oneQemu } from '../real/qemus.ts';
import { tamperedRun } from '../tamper/tampered-run.ts';
import { driving, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('an image is read, two layers below which an encrypted one lies whose key a header names', async () => {
    const snapshot = (of: string, name: string): Step => ({
      qmp: 'blockdev-snapshot-sync',
      args: {
        'node-name': of,
        'snapshot-file': { newFile: `${name}.qcow2` },
        'snapshot-node-name': name,
      },
      expect: 'ok',
    });
    const ran = await qemu.run({
      disks: [disk({ format: 'luks', sizeBytes: 64 * KiB, fill: 'full', frontend: 'nbd' })],
      steps: [snapshot('src', 's0'), snapshot('s0', 's1')],
      after: [{ content: { file: 's1.qcow2', format: 'qcow2' } }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'content')).toMatchObject([{ runs: [[0, 64 * KiB, 'src:0']] }]);
  });

  test('the content of a mirror is read with what the guest wrote meanwhile, and its image is checked', async () => {
    const ran = await qemu.run({
      disks: [disk({ fill: { runs: [[0, 128 * KiB]] }, frontend: 'nbd' })],
      steps: [
        mirror({ expect: 'ok' }),
        untilReady,
        { guest: 'write', disk: 'src', offsetBytes: 64 * KiB, lengthBytes: 4 * KiB, expect: 'ok' },
        { guest: 'write', disk: 'src', offsetBytes: 512 * KiB, lengthBytes: KiB, pattern: 65, expect: 'ok' },
        { guest: 'zero', disk: 'src', offsetBytes: 0, lengthBytes: 512, expect: 'ok' },
        cancel,
        untilGone,
      ],
      after: [{ content: 'dst' }, { content: 'src' }, { same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    const [dst, src] = seen(ran, 'content');
    expect(dst).toMatchObject({
      claim: 0,
      image: 'dst',
      sizeBytes: MiB,
      sha256: src?.sha256,
      runs: [
        [0, 512, 'zero'],
        [512, 64 * KiB - 512, 'src:0'],
        [64 * KiB, 4 * KiB, 'src:1'],
        [68 * KiB, 60 * KiB, 'src:0'],
        [128 * KiB, 384 * KiB, 'zero'],
        [512 * KiB, KiB, 'byte:65'],
        [513 * KiB, 511 * KiB, 'zero'],
      ],
      check: { outcome: 'holds' },
    });
    expect(dst).not.toHaveProperty('rawSha1');
    expect(src).toMatchObject({ claim: 1, image: 'src', runs: dst?.runs });
  });

  test('an image whose header names the server of its backing file is read when the server is gone', async () => {
    const ran = await qemu.run({
      disks: [
        disk({ name: 'base', format: 'raw', fill: { runs: [[0, 64 * KiB]] }, storage: 'nbd' }),
        disk({ backing: 'base', fill: { runs: [[64 * KiB, 64 * KiB]] }, frontend: 'nbd' }),
      ],
      steps: [
        {
          qmp: 'block-stream',
          args: { 'job-id': 'j0', device: { disk: 'src' }, 'base-node': { node: 'base' } },
          expect: 'ok',
        },
        untilGone,
      ],
      after: [{ content: 'src' }],
    });
    expect(seen(ran, 'content')[0]?.runs).toEqual([
      [0, 64 * KiB, 'base:0'],
      [64 * KiB, 64 * KiB, 'src:0'],
      [128 * KiB, MiB - 128 * KiB, 'zero'],
    ]);
    expect(ran.rules).toEqual([]);
  });

  test('an image that is not there is absent, and the other claims are looked at all the same', async () => {
    const ran = await qemu.run({
      disks: [disk({ format: 'raw' })],
      steps: [],
      after: [{ content: { file: 'gone.raw', format: 'raw' } }, { content: 'src' }],
    });
    expect(seen(ran, 'image')).toMatchObject([{ claim: 0, outcome: 'absent', text: 'No such file' }]);
    expect(seen(ran, 'content').map(({ claim, check }) => [claim, check])).toEqual([[1, undefined]]);
  });

  test('where it is asked for, the SHA-1 of the raw bytes is told', async () => {
    const sequence: Sequence = {
      schema: 1,
      title: 'zeroes',
      arena: { disks: [disk({ fill: 'empty' })] },
      steps: [],
      after: [{ content: 'src' }],
    };
    const session = await qemu.sessions().pristine(sequence);
    const { trace, pristine } = await execute(sequence, { ...session, rawSha1: true });
    await qemu.sessions().giveBack(pristine);
    const rawSha1 = createHash('sha1').update(Buffer.alloc(MiB)).digest('hex');
    expect(contents(trace)).toMatchObject([{ rawSha1, runs: [[0, MiB, 'zero']] }]);
  });

  test('two images that differ tell where first, and by what', async () => {
    const ran = await qemu.run({
      disks: [
        disk({ fill: { runs: [[64 * KiB, 128 * KiB]] } }),
        disk({ name: 'other', format: 'raw', fill: { runs: [[128 * KiB, 64 * KiB]] } }),
      ],
      steps: [],
      after: [{ same: ['src', 'other'] }],
    });
    expect(seen(ran, 'image')).toMatchObject([
      {
        outcome: 'broken',
        text: 'Content mismatch at offset 65536! 65536+65536: src:0 here, zero there; 131072+65536: src:0 here, other:0 there',
      },
    ]);
  });
});

const target = oneQemu();

test.runIf(target)(
  'one byte of a sparse 1 GiB mirror that is flipped behind QEMU’s back is found where it is',
  async () => {
    const sizeBytes = 1024 * MiB;
    const at = 777 * MiB + 12_345;
    const sequence: Sequence = {
      schema: 1,
      title: 'a large mirror',
      arena: {
        disks: [
          { name: 'src', format: 'raw', sizeBytes, fill: 'seeded' },
          { name: 'dst', format: 'raw', sizeBytes },
        ],
      },
      steps: [mirror({ expect: 'ok' }, { target: { disk: 'dst' } }), untilReady, cancel, untilGone],
      after: [{ content: 'src' }, { content: 'dst' }, { same: ['src', 'dst'] }],
    };
    const driven = { target: target as NonNullable<typeof target>, flavour: 'daemon' as const };
    const untouched = await tamperedRun(driven, sequence);
    const [src, dst] = contents(untouched);
    expect(dst?.runs).toEqual(src?.runs);
    expect(dst?.sha256).toBe(src?.sha256);

    const flipped = await tamperedRun(driven, sequence, [
      {
        at: { event: 'JOB_STATUS_CHANGE', data: { status: 'null' } },
        act: 'flip',
        file: 'q0/dst.raw',
        offsetBytes: at,
        lengthBytes: 1,
      },
    ]);
    const [before, after] = contents(flipped);
    expect(before).toEqual({ ...src, us: before?.us });
    expect(after?.runs.filter(([offset, length]) => offset <= at && at < offset + length)).toEqual([
      [at, 1, 'byte:255'],
    ]);
    expect(flipped.find(({ kind }) => kind === 'image')).toMatchObject({
      outcome: 'broken',
      text: `Content mismatch at offset ${at - (at % 512)}! ${at}+1: zero here, byte:255 there`,
    });
  },
  60_000,
);

const contents = (trace: Trace) => trace.filter((each) => each.kind === 'content');
