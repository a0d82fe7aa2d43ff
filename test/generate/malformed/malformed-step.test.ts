import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawFrom } from '../../../src/generate/draw.ts';
import { farDrivers, hostileCommands } from '../../../src/generate/malformed/commands.ts';
import { malformedStep } from '../../../src/generate/malformed/malformed-step.ts';
import { validArguments } from '../../../src/generate/malformed/valid-arguments.ts';
import { asSent } from '../../../src/generate/resolve-references.ts';
import { after, begin } from '../../../src/generate/situation.ts';
import { conforms } from '../../../src/qmp/conforms.ts';
import { isJsonObject, type JsonObject } from '../../../src/sequence/json-object.ts';
import { parseSequence } from '../../../src/sequence/parse.ts';
import type { Json, QmpStep, Step } from '../../../src/sequence/step.ts';
import { binaries, busyScene, fileWith, smallArena } from '../scenes.ts';

const seeds = fc.string({ maxLength: 8 });
const someBinary = fc.constantFrom(...binaries);

/** What comes of that many seeds on each binary. */
function drawn(count: number): { step: Step; at: number }[] {
  return binaries.flatMap((binary, at) => {
    const scene = busyScene(binary);
    return Array.from({ length: count }, (_, seed) => malformedStep(drawFrom(`${seed}`), scene)).flatMap(
      (step) => (step ? [{ step, at }] : []),
    );
  });
}

const many = drawn(400);
const commands = many.flatMap(({ step, at }) => ('qmp' in step ? [{ step, at }] : []));

describe('a malformed step', () => {
  test('can be read from a file, whatever the seed and the binary', () => {
    fc.assert(
      fc.property(seeds, someBinary, (seed, binary) => {
        const step = malformedStep(drawFrom(seed), busyScene(binary));
        const steps = step ? [step] : [];
        expect(parseSequence(fileWith(steps), 'generated.json').steps).toEqual(steps);
      }),
      { numRuns: 500 },
    );
  });

  test('is the same again for the same seed', () => {
    const scene = busyScene(binaries[0]!);
    for (let seed = 0; seed < 50; seed++) {
      expect(malformedStep(drawFrom(`${seed}`), scene)).toEqual(malformedStep(drawFrom(`${seed}`), scene));
    }
  });

  test('comes of nearly every seed, also before anything is there', () => {
    const scene = begin(binaries[0]!, { disks: [] });
    const found = Array.from({ length: 100 }, (_, seed) => malformedStep(drawFrom(`${seed}`), scene));
    expect(found.filter((step) => step !== undefined).length).toBeGreaterThan(95);
    expect(many.length).toBeGreaterThan(0.95 * 400 * binaries.length);
  });

  test('leaves the situation that follows it readable', () => {
    for (const binary of binaries) {
      let scene = busyScene(binary);
      for (let seed = 0; seed < 300; seed++) {
        const step = malformedStep(drawFrom(`follow ${seed}`), scene);
        if (step) scene = after(scene, step);
      }
      expect(scene.steps).toBeGreaterThan(250);
    }
  });

  test('breaks what a schema can forbid in every way there is', () => {
    const problems = commands.flatMap(({ step, at }) => {
      const { schema } = binaries[at]!;
      const argsType = schema.commands.get(step.qmp)?.argsType;
      if (argsType === undefined) return ['unknown-command'];
      return conforms(schema, asSent(step.args ?? {}), argsType).map(({ problem }) => problem as string);
    });
    expect(new Set(problems)).toEqual(
      new Set(['unknown-command', 'missing-member', 'unexpected-member', 'wrong-type', 'unknown-enum-value']),
    );
  });

  test('names no file but by a reference', () => {
    const names = commands.flatMap(({ step }) => stringsIn(step.args ?? {}, 'filename'));
    expect(names.filter((name) => name !== '' && name.length < 256)).toEqual([]);
    const texts = commands.flatMap(({ step }) => stringsIn(step.args ?? {}));
    expect(texts.filter((text) => text.startsWith('/') || text.includes('..'))).toEqual(
      texts.filter((text) => text === '..'),
    );
  });

  test('opens nothing on the host or the network', () => {
    const drivers = commands.flatMap(({ step }) => stringsIn(step.args ?? {}, 'driver'));
    expect(drivers.filter((driver) => farDrivers.has(driver))).toEqual([]);
    const known = commands.filter(({ step, at }) => binaries[at]!.schema.commands.has(step.qmp));
    const foreign = known
      .map(({ step }) => step.qmp)
      .filter((name) => !(name in hostileCommands) && !isVerb(name));
    expect(foreign).toEqual([]);
  });

  test('is sent as bytes where it has a member twice', () => {
    const texts = many.flatMap(({ step }) =>
      'raw' in step && typeof step.raw === 'string' ? [step.raw] : [],
    );
    expect(texts.some((text) => /"arguments": \{("[\w-]+"): [^,]*, .*\1: /.test(text))).toBe(true);
  });
});

describe('valid arguments', () => {
  test('are what the schema of the binary asks for, for every command that is broken', () => {
    for (const binary of binaries) {
      const scene = busyScene(binary);
      for (const name of Object.keys(hostileCommands)) {
        const command = binary.schema.commands.get(name);
        if (!command) continue;
        for (let seed = 0; seed < 20; seed++) {
          const args = validArguments(drawFrom(`${seed}`), scene, name);
          expect({ name, wrong: conforms(binary.schema, asSent(args), command.argsType) }).toEqual({
            name,
            wrong: [],
          });
        }
      }
    }
  });

  test('speak of what is there', () => {
    const scene = busyScene(binaries[0]!);
    const disks = smallArena.disks.map(({ name }) => name);
    const sources = Array.from({ length: 50 }, (_, seed) =>
      validArguments(drawFrom(`${seed}`), scene, 'blockdev-mirror'),
    );
    const referred = sources.flatMap(({ device }) => (isJsonObject(device) ? [device.disk] : []));
    expect(referred.length).toBeGreaterThan(20);
    expect(referred.every((disk) => typeof disk === 'string' && disks.includes(disk))).toBe(true);
  });
});

const isVerb = (name: string): boolean => /^(block-)?job-/.test(name);

/** Every string in the arguments, or those that are a member of that name. */
function stringsIn(value: Json | QmpStep['args'], member?: string): string[] {
  if (typeof value === 'string') return member === undefined ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((inner) => stringsIn(inner, member));
  if (!isJsonObject(value)) return [];
  return Object.entries(value as JsonObject).flatMap(([name, inner]) =>
    typeof inner === 'string'
      ? member === undefined || member === name
        ? [inner]
        : []
      : stringsIn(inner, member),
  );
}
