import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseSequence } from '../../../src/sequence/parse.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { ablations } from '../../../src/shrink/ablation/ablation.ts';

const committed = (id: string): Sequence => {
  const file = `findings/${id}/sequence.json`;
  return parseSequence(readFileSync(file, 'utf8'), file);
};

const sequence = parseSequence(
  JSON.stringify({
    schema: 1,
    title: 'two jobs',
    arena: {
      disks: [
        { name: 'base', format: 'raw', sizeBytes: 65536 },
        { name: 'src', format: 'qcow2', sizeBytes: 65536, backing: 'base', frontend: 'nbd' },
      ],
    },
    steps: [
      {
        qmp: 'blockdev-backup',
        args: { device: 'base', 'job-id': 'a', sync: 'full', target: { newDisk: 't' } },
      },
      { qmp: 'drive-mirror', args: { device: 'src', 'job-id': 'b', sync: 'none', target: { newFile: 'f' } } },
      { qmp: 'job-complete', args: { id: '#1' } },
    ],
    after: [{ content: { file: 'f', format: 'qcow2' } }],
  }),
  'two jobs',
);
const named = (what: string): Sequence | undefined =>
  ablations(sequence).find((each) => each.what.startsWith(what))?.sequence;

test('a step that starts a job goes, and the jobs behind it are counted anew', () => {
  expect(named('without step 1')?.steps[1]).toEqual({ qmp: 'job-complete', args: { id: '#0' } });
});

test('an option takes its ordinary value, one that is ordinary already stays', () => {
  expect(named('step 2: sync=full')?.steps[1]).toMatchObject({ args: { sync: 'full', 'job-id': 'b' } });
  expect(named('step 1: sync')).toBeUndefined();
});

test('a file that a job makes is a raw image that was there before, and is looked at as such', () => {
  const raw = named('step 2: target f raw');
  expect(raw?.arena.disks.at(-1)).toMatchObject({ name: 'f', format: 'raw', open: false });
  expect(raw?.steps[1]).toMatchObject({ args: { target: { path: 'f' }, format: 'raw', mode: 'existing' } });
  expect(raw?.after).toEqual([{ content: 'f' }]);
});

test('disks and what is particular of them go, one at a time', () => {
  expect(named('src without its backing image')?.arena.disks[1]).not.toHaveProperty('backing');
  expect(named('src without a guest')?.arena.disks[1]).not.toHaveProperty('frontend');
  expect(named('without disk base')?.arena.disks).toMatchObject([{ name: 'src' }]);
  expect(named('src: format raw')?.arena.disks[1]).toEqual({
    name: 'src',
    format: 'raw',
    sizeBytes: 65536,
    frontend: 'nbd',
  });
});

test('no two are the same, and none is the sequence itself', () => {
  const texts = [sequence, ...ablations(sequence).map((each) => each.sequence)].map((each) =>
    JSON.stringify(each),
  );
  expect(new Set(texts).size).toBe(texts.length);
});

test('what was found by hand to be decisive of a committed finding is among them', () => {
  const words = ablations(committed('ab89e1d6696c')).map(({ what }) => what);
  expect(words).toContainEqual(expect.stringContaining('copy-mode=background'));
  expect(words).toContainEqual('src without throttle');
});
