import { expect, test } from 'vitest';
import { contentSentences } from '../../src/findings/bug-report/contents.ts';
import { diskSentence, stepSentence } from '../../src/findings/bug-report/sentences.ts';
import type { Step } from '../../src/sequence/step.ts';
import { holding } from './facts.ts';

test.each<[Step, string]>([
  [
    { qmp: 'drive-mirror', args: { device: { disk: 'src' }, target: { newFile: 'f0' }, sync: 'none' } },
    'drive-mirror with device=src, target=f0, sync=none.',
  ],
  [{ qmp: 'job-complete', args: { id: '#0' } }, 'job-complete with id=the job.'],
  [
    { qmp: 'blockdev-reopen', args: { options: [{ driver: 'raw', file: { node: 'a', layer: 'file' } }] } },
    'blockdev-reopen with options=[{"driver":"raw","file":"a-file"}].',
  ],
  [
    { guest: 'write', disk: 'src', lengthBytes: 1, offsetBytes: 65_536 },
    'The guest writes 1 byte at 65536 of src.',
  ],
  [
    { guest: 'read', disk: 'src', wait: false },
    'The guest reads 64 KiB at 0 of src; the next step does not wait for it.',
  ],
  [
    { fault: 'inject', disk: 'src', errno: 'EIO', iotype: 'read' },
    'blkdebug, put below src by blockdev-reopen, injects EIO into read requests.',
  ],
  [
    { fault: 'inject', disk: 'src', errno: 'EIO' },
    'blkdebug, put below src by blockdev-reopen, injects EIO into all requests.',
  ],
  [{ fault: 'server', disk: 'src', is: 'cut' }, 'The storage server of src drops its connections.'],
  [
    { guest: 'write', disk: 'src', client: 'once', wait: false },
    'An NBD client that connects just then writes 64 KiB at 0 of src, and disconnects after the answer; the next step does not wait for it.',
  ],
  [{ await: 'gone', job: '#0' }, "Wait for the job's end."],
  [{ guest: 'read', disk: 'src', via: 'hmp' }, "The guest reads 64 KiB at 0 of src, by HMP's qemu-io."],
  [{ await: 'pending', job: '#0' }, 'Wait until the job is pending.'],
  [{ await: 'guest' }, "Wait until the guest's requests are done."],
  [{ pause: 20 }, 'Wait 20 ms.'],
])('a step in words: %j', (step, says) => {
  expect(stepSentence(step, undefined)).toBe(says);
});

test('what QEMU answered stands behind its command', () => {
  const step: Step = { qmp: 'blockdev-del', args: { 'node-name': 'a' } };
  expect(stepSentence(step, 'QEMU refuses: in use')).toBe(
    'blockdev-del with node-name=a. QEMU refuses: in use',
  );
});

test('a disk in words', () => {
  const disk = {
    name: 'src',
    format: 'qcow2' as const,
    sizeBytes: 2 ** 20,
    fill: 'full' as const,
    backing: 'base',
  };
  expect(diskSentence({ ...disk, frontend: 'nbd' })).toBe(
    'Disk src: qcow2, 1 MiB, full of data, backing image base, which the guest uses by an NBD export.',
  );
});

test('a disk says what its image has beside the defaults', () => {
  const qcow2 = { extendedL2: true as const, snapshots: 1 };
  const disk = { name: 'src', format: 'qcow2' as const, sizeBytes: 2 ** 20, clusterBytes: 4096, qcow2 };
  expect(diskSentence(disk)).toBe(
    'Disk src: qcow2, 1 MiB, empty, clusters of 4 KiB, extended_l2, internal snapshots: 1.',
  );
});

test('wrong data in words', () => {
  expect(contentSentences(holding('f0', ['65537+65535', 'zero', 'src:0']))).toBe(
    'Bytes 65537 to 131071 of f0, in the end, hold zeroes, not the initial data of src.',
  );
});
