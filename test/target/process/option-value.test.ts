import { expect, test } from 'vitest';
import { optionValue, uriValue } from '../../../src/target/process/option-value.ts';

test('a comma of a path is doubled in an option, and a blank or an ampersand written out in a URL', () => {
  expect(optionValue('/tmp/a,b c')).toBe('/tmp/a,,b c');
  expect(uriValue('/tmp/a b&c/qmp.sock')).toBe('/tmp/a%20b%26c/qmp.sock');
  expect(uriValue('/dev/shm/mirrorfuzz-0-x/s1/nbd.sock')).toBe('/dev/shm/mirrorfuzz-0-x/s1/nbd.sock');
});
