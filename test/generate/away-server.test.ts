import { describe, expect, test } from 'vitest';
import realStorage from '../../properties/real-storage.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { generateSequence } from '../../src/generate/generate-sequence.ts';
import { isCoherent } from '../../src/sequence/coherent.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import { binaryOf } from './binaries.ts';

const count = 1500;

const drawn = (version: '5.2' | '10.0'): Sequence[] =>
  Array.from({ length: count }, (_, i) =>
    generateSequence(realStorage, { ...binaryOf(version), storage: ['nbd'] }, drawFrom(`away ${i}`)),
  );

/** The disk whose server is killed and never mended. */
function awayToTheEnd({ steps }: Sequence): string | undefined {
  const last = steps.findLast((step) => 'fault' in step && step.fault === 'server');
  return last && 'fault' in last && last.fault === 'server' && last.is === 'killed' ? last.disk : undefined;
}

const opensInVain = (step: Step): boolean => 'qmp' in step && step.args?.['open-timeout'] !== undefined;

const isTold = (step: Step): boolean =>
  'qmp' in step && step.wait === false && /^(job-cancel|job-pause|quit)$/.test(step.qmp);

const waitsForIt = ({ arena }: Sequence, name: string): boolean =>
  JSON.stringify(arena.disks.find((disk) => disk.name === name)?.storage).includes('reconnectDelaySeconds');

describe('servers that stay away', () => {
  const sequences = drawn('10.0');

  test('now and then one does to the end, its client waits for it, and a job is told something meanwhile', () => {
    const away = sequences.filter((sequence) => awayToTheEnd(sequence) !== undefined);
    const meant = away.filter(
      (sequence) => sequence.steps.some(isTold) && waitsForIt(sequence, awayToTheEnd(sequence) ?? ''),
    );
    expect(meant.length).toBeGreaterThan(count / 500);
    expect(meant.length).toBeLessThan(count / 20);
    expect(meant.every(isCoherent)).toBe(true);
  });

  test('now and then a node waits for one when it is opened', () => {
    const opened = sequences.filter(({ steps }) => steps.some(opensInVain));
    expect(opened.length).toBeGreaterThan(count / 200);
    expect(opened.length).toBeLessThan(count / 20);
    expect(opened.every(isCoherent)).toBe(true);
  });

  test('QEMU 5.2 has no open-timeout', () => {
    expect(drawn('5.2').some(({ steps }) => steps.some(opensInVain))).toBe(false);
  });
});
