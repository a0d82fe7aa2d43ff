import { describe, expect, test } from 'vitest';
import argumentLimits from '../../../properties/argument-limits.ts';
import oneError from '../../../properties/one-error.ts';
import oneRequest from '../../../properties/one-request.ts';
import verbsByStatus from '../../../properties/verbs-by-status.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import { generateSequence } from '../../../src/generate/generate-sequence.ts';
import { limits } from '../../../src/generate/limits.ts';
import type { Property } from '../../../src/generate/property.ts';
import { cardOf } from '../../../src/qemu/cards.ts';
import { conflictIn } from '../../../src/qemu/conflict.ts';
import { isCoherent } from '../../../src/sequence/coherent.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { binaries, binaryOf } from '../binaries.ts';

const rounds = [argumentLimits, oneError, oneRequest, verbsByStatus];

const drawn = (property: Property, count: number, binary = binaryOf('10.0')): Sequence[] =>
  Array.from({ length: count }, (_, i) => generateSequence(property, binary, drawFrom(`round ${i}`)));

const commands = ({ steps }: Sequence) => steps.flatMap((step) => ('qmp' in step ? [step] : []));

describe.each(binaries.map((binary) => [`${binary.version} ${binary.flavour}`, binary] as const))(
  '%s',
  (_, binary) => {
    test.each(rounds.map((round) => [round.name, round] as const))(
      '%s: short, coherent, with a job',
      (_, round) => {
        const sequences = drawn(round, 15, binary);
        expect(sequences.filter((sequence) => !isCoherent(sequence))).toEqual([]);
        expect(sequences.every(({ steps }) => steps.length <= limits.maxSteps)).toBe(true);
        const starts = sequences.filter((each) => commands(each).some(({ qmp }) => cardOf(qmp)?.job));
        expect(starts.length).toBeGreaterThan(12);
      },
    );
  },
);

test('few rounds hold a negative buf-size, a granularity of 128 MiB, an unknown node and each conflict', () => {
  const sent = drawn(argumentLimits, 40).flatMap(commands);
  const has = (member: string, value: unknown): boolean => sent.some(({ args }) => args?.[member] === value);
  expect([has('buf-size', -1), has('granularity', 2 ** 27), has('target', 'nowhere')]).toEqual([
    true,
    true,
    true,
  ]);
  const cards = ['block-stream', 'block-commit', 'drive-mirror', 'blockdev-backup', 'drive-backup'];
  const missing = cards.flatMap((name) => {
    const conflicts = cardOf(name)?.conflicts ?? [];
    const met = sent.filter(({ qmp }) => qmp === name).map(({ args = {} }) => conflictIn(args, conflicts));
    return conflicts
      .filter((each) => !met.includes(each))
      .map(({ given }) => `${name} ${Object.keys(given)}`);
  });
  expect(missing).toEqual([]);
});

test('policies differ, and errors come on either side', () => {
  const sequences = drawn(oneError, 60);
  const starts = sequences.flatMap(commands).filter(({ args }) => args?.['on-source-error'] !== undefined);
  expect(starts.length).toBeGreaterThan(20);
  expect(starts.every(({ args }) => args?.['on-source-error'] !== args?.['on-target-error'])).toBe(true);
  const injected = sequences.flatMap(({ steps }) =>
    steps.flatMap((step) => ('fault' in step && 'iotype' in step ? [`${step.disk} ${step.iotype}`] : [])),
  );
  expect(injected).toEqual(expect.arrayContaining(['src read', 'dst write', 'dst write-zeroes']));
});

test('each manner of request meets each kind of job', () => {
  const met = new Set(
    drawn(oneRequest, 250).flatMap((sequence) => {
      const [start] = commands(sequence);
      const asked = sequence.steps.find((step) => 'guest' in step);
      const job = cardOf(start?.qmp ?? '')?.job?.type;
      return asked && 'guest' in asked ? [`${job} ${start?.args?.['copy-mode'] ?? ''} ${asked.guest}`] : [];
    }),
  );
  for (const request of ['write', 'zero', 'discard'])
    for (const job of ['mirror background', 'mirror write-blocking', 'backup ', 'commit ', 'stream '])
      expect(met).toContain(`${job} ${request}`);
});

test('every status is come to, and looked at', () => {
  const awaited = drawn(verbsByStatus, 60).flatMap(({ steps }) =>
    steps.flatMap((step) => ('await' in step && typeof step.await === 'string' ? [step.await] : [])),
  );
  expect(new Set(awaited)).toEqual(new Set(['READY', 'paused', 'standby', 'pending', 'concluded', 'gone']));
});
