import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { rawBytes, rawText, resyncByte, splitBytes } from '../../src/qmp/raw.ts';

test('pieces are put together in order: text as UTF-8, base64, repetition', () => {
  const bytes = rawBytes(['é', { base64: '/wA=' }, { repeat: '[é', times: 2 }, '']);
  expect(bytes).toEqual(Buffer.from([0xc3, 0xa9, 0xff, 0x00, 0x5b, 0xc3, 0xa9, 0x5b, 0xc3, 0xa9]));
});

test('one piece needs no list', () => {
  expect(rawBytes('{').toString()).toBe('{');
  expect(rawBytes({ repeat: 'ab', times: 0 }).length).toBe(0);
});

test('a step too large to be read in minutes is refused before it is made', () => {
  const huge = { repeat: 'x'.repeat(1000), times: 2 ** 21 };
  expect(() => rawBytes(huge)).toThrow(UsageError);
});

test('offsets cut in order, once each, and only inside', () => {
  expect(splitBytes(Buffer.from('abcdef'), [4, 1, 4, 0, 6, 99]).map(String)).toEqual(['a', 'bcd', 'ef']);
  expect(splitBytes(Buffer.from('abc'), []).map(String)).toEqual(['abc']);
});

test('cut bytes put together again are the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.nat(20)), (bytes, splitAt) => {
      expect(Buffer.concat(splitBytes(Buffer.from(bytes), splitAt))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('a trace holds bytes that are text as text, others as base64, and both give the bytes back', () => {
  expect(rawText(Buffer.from('\ufeffé\0'))).toEqual({ text: '\ufeffé\0' });
  expect(rawText(resyncByte)).toEqual({ base64: '/w==' });
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const noted = rawText(Buffer.from(bytes));
      expect(rawBytes('text' in noted ? noted.text : noted)).toEqual(Buffer.from(bytes));
    }),
  );
});
