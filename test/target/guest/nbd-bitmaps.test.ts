import { expect, test } from 'vitest';
import { decodeBlockStatus, decodeChunk, encodeMetaContexts } from '../../../src/target/guest/nbd-wire.ts';

test('a request for contexts names the export, and counts them', () => {
  const bytes = encodeMetaContexts('disk', ['qemu:dirty-bitmap:é']);
  expect(bytes.readUInt32BE(8)).toBe(10); // NBD_OPT_SET_META_CONTEXT
  expect(bytes.readUInt32BE(12)).toBe(bytes.length - 16);
  expect(bytes.toString('utf8', 20, 24)).toBe('disk');
  expect(bytes.readUInt32BE(24)).toBe(1);
  expect(bytes.readUInt32BE(28)).toBe(Buffer.byteLength('qemu:dirty-bitmap:é'));
});

test('a chunk of block status has its context and its extents', () => {
  const header = Buffer.from('668e33ef00010005000000000000000100000014', 'hex');
  expect(decodeChunk(header)).toEqual({ isLast: true, kind: 'block status', contentBytes: 20 });
  const content = Buffer.from('0000000700010000000000010002000000000000', 'hex');
  expect(decodeBlockStatus(content)).toEqual({
    context: 7,
    extents: [
      { lengthBytes: 65_536, flags: 1 },
      { lengthBytes: 131_072, flags: 0 },
    ],
  });
});

test('a simple reply is no chunk', () => {
  expect(decodeChunk(Buffer.from('6744669800000000000000000000000100000014', 'hex'))).toBeUndefined();
});
