import { expect, test } from 'vitest';
import { isReadable } from '../../src/qmp/readable.ts';
import type { Json } from '../../src/sequence/step.ts';

const nested = (levels: number): Json => Array.from({ length: levels }).reduce<Json>((inner) => [inner], 1);

test.each(['', 'a\u0000b', 'é', '\u{1f600}', '\ufeff', '\ue000', '\u{10fffd}'])('%j is read', (text) => {
  expect(isReadable({ id: text })).toBe(true);
});

test.each(['\ud800', '\udc00x', 'a\ufffe', '\ufdd0', '\u{1fffe}', '\u{10ffff}'])('%j is not', (text) => {
  expect(isReadable({ id: text })).toBe(false);
  expect(isReadable([{ [text]: 1 }])).toBe(false);
});

test('arguments with 1022 levels inside are read, and no more', () => {
  expect(isReadable({ id: nested(1022) })).toBe(true);
  expect(isReadable({ id: nested(1023) })).toBe(false);
});
