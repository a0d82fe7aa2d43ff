import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadProperties, propertyFiles } from '../../src/campaign/properties.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { generateSequence } from '../../src/generate/generate-sequence.ts';
import type { Property } from '../../src/generate/property.ts';
import { isPlausible } from '../../src/generate/resolve-references.ts';
import type { Binary } from '../../src/generate/situation.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { binaries } from './binaries.ts';

const properties = await loadProperties(propertyFiles());
const seeds = Array.from({ length: 15 }, (_, i) => `seed ${i}`);

const made = (property: Property, binary: Binary): Sequence[] =>
  seeds.map((seed) => generateSequence(property, binary, drawFrom(seed)));

afterEach(() => vi.restoreAllMocks());

describe.each(binaries.map((binary) => [`${binary.version} ${binary.flavour}`, binary] as const))(
  '%s',
  (_, binary) => {
    test.each(properties.map((property) => [property.name, property] as const))(
      '%s: the same seed gives the same bytes, whatever the clock and the dice say',
      (_, property) => {
        const before = made(property, binary).map(printSequence);
        vi.spyOn(Math, 'random').mockImplementation(() => {
          throw new Error('Math.random');
        });
        vi.spyOn(Date, 'now').mockImplementation(() => {
          throw new Error('Date.now');
        });
        expect(made(property, binary).map(printSequence)).toEqual(before);
        expect(new Set(before).size).toBeGreaterThan(seeds.length / 2);
      },
    );

    test.each(properties.map((property) => [property.name, property] as const))(
      '%s: every sequence is read back as it was',
      (_, property) => {
        for (const sequence of made(property, binary))
          expect(parseSequence(printSequence(sequence), sequence.title)).toEqual(sequence);
      },
    );

    test.each(
      properties
        .filter(({ steps, make }) => !make && !steps.weights.malformed && !steps.weights.raw)
        .map((property) => [property.name, property] as const),
    )('%s: every command is one that this schema has nothing against', (_, property) => {
      const commands = made(property, binary).flatMap(({ steps }) => steps.filter((step) => 'qmp' in step));
      expect(commands.length).toBeGreaterThan(seeds.length);
      // What a driver takes is beyond the schema of device_add.
      for (const { qmp, args = {} } of commands.filter(({ qmp }) => qmp !== 'device_add'))
        expect([qmp, args, isPlausible(binary.schema, qmp, args)]).toEqual([qmp, args, true]);
    });

    test('nearly every sequence asks for a job', () => {
      const all = properties.flatMap((property) => made(property, binary));
      const idle = all.filter(
        ({ steps }) => !steps.some((step) => 'qmp' in step && startsJob.test(step.qmp)),
      );
      expect(idle.length / all.length).toBeLessThan(0.02);
    });
  },
);

const startsJob =
  /^(blockdev|drive|__com\.redhat_drive)-(mirror|backup)$|^block-(stream|commit)$|^transaction$/;
