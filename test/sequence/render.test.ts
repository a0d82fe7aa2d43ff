import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderSequence, renderStep } from '../../src/sequence/render.ts';
import type { Step } from '../../src/sequence/step.ts';
import { anySequence } from './arbitrary.ts';

test('a sequence is rendered as one line a disk, one a step, one a claim, whatever hostile text it holds', () => {
  fc.assert(
    fc.property(anySequence, (sequence) => {
      const lines = renderSequence(sequence);
      expect(lines).toHaveLength(sequence.arena.disks.length + sequence.steps.length);
      // No control character, be it a line's end or the beginning of a terminal's escape sequence.
      expect(lines.join('')).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});

const readable: [Step, string][] = [
  [
    {
      qmp: 'blockdev-mirror',
      args: { 'job-id': 'j0', device: { disk: 'src' }, target: { newDisk: 'dst' }, sync: 'full' },
    },
    'mirror j0: src -> dst sync=full',
  ],
  [{ qmp: 'block-job-cancel', args: { device: '#0', force: true } }, 'cancel #0 force=true'],
  [{ qmp: 'job-cancel', args: { id: 'j0' }, wait: false }, 'cancel (job-*) j0 (not waited for)'],
  [{ qmp: 'query-jobs', expect: { class: 'GenericError' } }, 'query-jobs expect GenericError'],
  [{ qmp: 'migrate-pause', oob: true }, 'migrate-pause (out of band)'],
  [{ qmp: 'x', args: { a: { number: '9223372036854775807' } } }, 'x a=9223372036854775807'],
  [
    { qmp: 'x', args: { a: { node: 'src', layer: 'file' }, b: { path: 'src' } } },
    'x a=src-file b=file of src',
  ],
  [
    { raw: ['{', { repeat: '[', times: 9 }], splitAt: [1], expect: 'error' },
    'raw "{" "[" x 9 split at 1 expect error',
  ],
  [
    { guest: 'write', disk: 'src', offsetBytes: 2 ** 20, lengthBytes: 4096, expect: 'ok' },
    'guest write src 4k at 1M expect ok',
  ],
  [{ guest: 'flush', disk: 'src' }, 'guest flush src'],
  [
    { fault: 'inject', disk: 'src', iotype: 'write', errno: 'EIO' },
    'fault inject src iotype=write errno=EIO',
  ],
  [{ await: 'READY', job: '#0', expect: 'met' }, 'await READY #0 expect met'],
  [{ await: { event: 'BLOCK_JOB_READY', data: { device: 'j0' } } }, 'await BLOCK_JOB_READY {"device":"j0"}'],
  [{ pause: 20, note: 'let it copy' }, 'pause 20 ms   # let it copy'],
];

test.each(readable)('%j reads well', (step, line) => {
  expect(renderStep(step)).toBe(line);
});
