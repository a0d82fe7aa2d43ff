import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseSequence } from '../../src/sequence/parse.ts';

const sequence = (fault: object, disk: object = {}): string =>
  JSON.stringify({
    schema: 1,
    title: 'a title',
    arena: { disks: [{ name: 'src', format: 'qcow2', sizeBytes: 1_048_576, ...disk }] },
    steps: [fault],
  });
const inject = (error: object): string => sequence({ fault: 'inject', disk: 'src', errno: 'EIO', ...error });
const parse = (text: string) => parseSequence(text, 'a.json');

test.each([
  inject({ iotype: 'read', sectors: [640, 64] }),
  inject({ iotype: 'flush', nth: 3 }),
  inject({ event: 'cluster_alloc', nth: 2, once: true }),
  sequence({
    fault: 'inject',
    disk: 'src',
    rules: [{ errno: 'EIO' }, { errno: 'ENOSPC', nth: 1, iotype: 'write' }],
  }),
  sequence({ fault: 'fill', disk: 'src' }, { layers: [{ room: {} }] }),
  sequence({ fault: 'restart' }),
])('a fault that can be had is read: %s', (text) => {
  expect(() => parse(text)).not.toThrow();
});

test.each([
  ['blkdebug counts no discards', inject({ iotype: 'discard', nth: 2 }), /`nth` wants an `event`/],
  ['a sector, or several', inject({ sector: 1, sectors: [1, 2] }), /either `sector` or `sectors`/],
  [
    'one blkdebug node counts one thing',
    sequence({
      fault: 'inject',
      disk: 'src',
      rules: [
        { errno: 'EIO', iotype: 'write', nth: 1 },
        { errno: 'EIO', iotype: 'read', nth: 2 },
      ],
    }),
    /only one error of a disk can be counted/,
  ],
  [
    'a raw image does not grow',
    sequence({ fault: 'restart' }, { format: 'raw', layers: [{ room: {} }] }),
    /only a qcow2 image grows/,
  ],
] as const)('%s', (_, text, complaint) => {
  expect(() => parse(text)).toThrow(UsageError);
  expect(() => parse(text)).toThrow(complaint);
});
