import { describe, expect, test } from 'vitest';
import { rules } from '../../src/judge/judge.ts';
import { isWithin, triedSeries } from '../../src/qemu/versions.ts';
import { lies } from '../tamper/lies.ts';
import { tales } from './tales/tales.ts';
import { testedElsewhere } from './tested-elsewhere.ts';

/** Rules that no short run of a plain QEMU can break: memory is compared with that of hundreds of sequences before. */
const onlyTold = new Set([
  'leak/memory',
  // What stands between mirrorfuzz and QEMU tells lies on the monitor, and not on QEMU's stderr.
  'sanitizer/address',
  'sanitizer/undefined-behaviour',
  'sanitizer/leak',
]);

const names = rules.map(({ name }) => name);

describe('every rule', () => {
  test('has a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(rules.map((rule) => ({ ...rule })))('$name says what it claims, and on what grounds', (rule) => {
    expect(rule.name).toMatch(/^[a-z]+(\/[a-z0-9]+(-[a-z0-9]+)*)+$/);
    expect(rule.statement).toMatch(/[.)]$/);
    expect(rule.source.length).toBeGreaterThan(10);
    expect(isWithin(triedSeries.at(-1) ?? '', rule) || rule.until !== undefined).toBe(true);
  });
});

describe('every rule but those tested elsewhere', () => {
  const own = names.filter((name) => !testedElsewhere(name));

  test.each(own)('%s is broken in some tale', (name) => {
    expect(tales.some(({ rule, breaks }) => rule === name && breaks)).toBe(true);
  });

  test.each(own)('%s is kept in some tale, but only just', (name) => {
    expect(tales.some(({ rule, breaks }) => rule === name && !breaks)).toBe(true);
  });

  test.each(own)('%s is broken by some lie about a real run', (name) => {
    expect(lies.some(({ rule }) => rule === name) || onlyTold.has(name)).toBe(true);
  });

  test('is the only thing that tales and lies are about', () => {
    const told = new Set([...tales, ...lies].map(({ rule }) => rule));
    expect([...told].filter((rule) => !names.includes(rule))).toEqual([]);
  });
});
