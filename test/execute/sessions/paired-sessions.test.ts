import { expect, test } from 'vitest';
import { needsStream } from '../../../src/execute/sessions/paired-sessions.ts';
import type { Disk } from '../../../src/sequence/arena.ts';
import type { Step } from '../../../src/sequence/step.ts';

const disk: Disk = { name: 'src', format: 'raw', sizeBytes: 2 ** 20 };
const needs = (step: Step, more: Partial<Disk> = {}): boolean =>
  needsStream({ schema: 1, title: 't', arena: { disks: [{ ...disk, ...more } as Disk] }, steps: [step] });

const plain: Step = { qmp: 'query-jobs' };

test.each<[string, Step]>([
  ['raw bytes', { raw: '{' }],
  ['a command out of band', { qmp: 'query-jobs', oob: true }],
  ['an answer longer than a datagram', { qmp: 'query-qmp-schema' }],
  ["what QEMU's parser refuses without an id", { qmp: 'query-jobs', args: { a: '\ud800' } }],
])('%s needs a stream', (_, step) => {
  expect(needs(step)).toBe(true);
});

test('storage in a network of its own needs a stream; what is reached by unix sockets does not', () => {
  expect(needs(plain, { storage: 'nfs' })).toBe(true);
  expect(needs(plain, { storage: 'block' })).toBe(true);
  expect(needs(plain, { storage: 'nbd' })).toBe(false);
  expect(needs(plain)).toBe(false);
});
