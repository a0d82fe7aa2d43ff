import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawFrom } from '../../../src/generate/draw.ts';
import { rawLimits } from '../../../src/generate/raw/limits.ts';
import { rawSteps } from '../../../src/generate/raw/raw-step.ts';
import { rawBytes } from '../../../src/qmp/raw.ts';
import { parseSequence } from '../../../src/sequence/parse.ts';
import type { Step } from '../../../src/sequence/step.ts';
import { binaries, busyScene, fileWith } from '../scenes.ts';

const scene = busyScene(binaries[0]!);
const many = Array.from({ length: 2_000 }, (_, seed) => rawSteps(drawFrom(`${seed}`), scene));
const bytes = many.flat().flatMap((step) => ('raw' in step ? [rawBytes(step.raw)] : []));

describe('raw steps', () => {
  test('can be read from a file, whatever the seed and the binary', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.constantFrom(...binaries), (seed, binary) => {
        const steps = rawSteps(drawFrom(seed), busyScene(binary));
        expect(parseSequence(fileWith(steps), 'generated.json').steps).toEqual(steps);
      }),
      { numRuns: 500 },
    );
  });

  test('are the same again for the same seed', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(rawSteps(drawFrom(`${seed}`), scene)).toEqual(rawSteps(drawFrom(`${seed}`), scene));
    }
  });

  test('never ask QEMU to end, nor name a file', () => {
    expect(
      bytes.filter((each) => /quit|filename|snapshot-file|target":\s*"json/.test(each.toString('latin1'))),
    ).toEqual([]);
  });

  test('are read within seconds, and hardly ever long', () => {
    expect(Math.max(...bytes.map(({ length }) => length))).toBeLessThan(300_000);
    expect(bytes.filter(({ length }) => length > 10_000).length).toBeLessThan(bytes.length / 20);
  });

  test('hold bytes that are no text, and text that is no JSON', () => {
    expect(bytes.some((each) => each.includes(0xff))).toBe(true);
    expect(bytes.some((each) => each.includes(0))).toBe(true);
    expect(bytes.filter((each) => !isJson(each.toString())).length).toBeGreaterThan(bytes.length / 2);
  });

  test('cut commands into packets and into steps', () => {
    const all = many.flat();
    expect(all.some((step) => 'raw' in step && step.splitAt !== undefined)).toBe(true);
    expect(all.some((step) => 'raw' in step && step.resync === false)).toBe(true);
  });

  test('ask for out-of-band in their share, with commands that allow it and with others', () => {
    const system = binaries.find(({ schema }) => schema.commands.get('query-yank')?.allowOob);
    if (!system) throw new Error('no schema with out-of-band commands among the golden ones');
    const steps = Array.from({ length: 3_000 }, (_, seed) =>
      rawSteps(drawFrom(`${seed}`), busyScene(system)),
    ).flat();
    const names = steps.filter(isOob).map(({ qmp }) => qmp);
    const wanted = 3_000 * rawLimits.outOfBandShare;
    expect(names.length).toBeGreaterThan(0.8 * wanted);
    expect(names.length).toBeLessThan(1.2 * wanted);
    const allowed = names.map((name) => system.schema.commands.get(name)?.allowOob === true);
    expect(new Set(allowed)).toEqual(new Set([true, false]));
  });
});

const isOob = (step: Step): step is Extract<Step, { qmp: string }> => 'qmp' in step && step.oob === true;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
