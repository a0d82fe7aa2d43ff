import { expect, test } from 'vitest';
import {
  decodeExport,
  decodeGreeting,
  decodeOptionReply,
  decodeReply,
  encodeClientFlags,
  encodeExportName,
  encodeGo,
  encodeRequest,
  errnoText,
  optionReplyContentBytes,
} from '../../../src/target/guest/nbd-wire.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const name = '6120 6469 736b'; // "a disk"
const optionReplyMagic = '0003e889 045565a9';

test('a fixed newstyle greeting is answered in kind, without padding where both sides know how', () => {
  const greeting = decodeGreeting(bytes('4e42444d 41474943 49484156 454f5054 0003'));
  expect(greeting).toEqual({ knowsNoZeroes: true });
  expect(encodeClientFlags({ knowsNoZeroes: true })).toEqual(bytes('00000003'));
  expect(encodeClientFlags({ knowsNoZeroes: false })).toEqual(bytes('00000001'));
});

test.each([
  ['oldstyle', '4e42444d 41474943 00004202 81861253 0000'],
  ['newstyle, not fixed', '4e42444d 41474943 49484156 454f5054 0000'],
  ['another protocol', '52464220 3030332e 3030380a 00000000 0001'],
])('a greeting of %s is not one that we can answer', (_what, hex) => {
  expect(decodeGreeting(bytes(hex))).toBeUndefined();
});

test('an export is asked for by its name, without wishes for further information', () => {
  expect(encodeGo('a disk')).toEqual(bytes(`49484156 454f5054 00000007 0000000c 00000006 ${name} 0000`));
  expect(encodeExportName('a disk')).toEqual(bytes(`49484156 454f5054 00000001 00000006 ${name}`));
});

test('a reply to an option tells how much follows, and what it says', () => {
  const info = bytes(`${optionReplyMagic} 00000007 00000003 0000000c`);
  expect(optionReplyContentBytes(info)).toBe(12);
  expect(decodeOptionReply(info, bytes('0000 00000000 00400000 05ed'))).toEqual({
    kind: 'export',
    sizeBytes: 2 ** 22,
    readOnly: false,
  });
  expect(decodeOptionReply(info, bytes('0003 00000001 00001000 02000000'))).toEqual({ kind: 'other' });
  const ack = bytes(`${optionReplyMagic} 00000007 00000001 00000000`);
  expect(decodeOptionReply(ack, Buffer.alloc(0))).toEqual({ kind: 'ack' });
  expect(optionReplyContentBytes(bytes(`67446698 00000000 ${'00'.repeat(12)}`))).toBeUndefined();
});

test('a refused option says why, and whether the server knows it at all', () => {
  const unknown = bytes(`${optionReplyMagic} 00000007 80000006 00000002`);
  expect(decodeOptionReply(unknown, Buffer.from('no'))).toEqual({
    kind: 'refused',
    unsupported: false,
    text: 'no',
  });
  const unsupported = bytes(`${optionReplyMagic} 00000007 80000001 00000000`);
  expect(decodeOptionReply(unsupported, Buffer.alloc(0))).toMatchObject({
    kind: 'refused',
    unsupported: true,
  });
});

test('the answer to an export name tells its size, and whether it may be written to', () => {
  expect(decodeExport(bytes('00000100 00000000 0003'))).toEqual({ sizeBytes: 2 ** 40, readOnly: true });
});

test('a request is flags, command, cookie, offset and length', () => {
  const request = {
    command: 'writeZeroes',
    cookie: 0x0102030405060708n,
    offsetBytes: 2 ** 40 - 1,
    lengthBytes: 513,
    flags: ['fua', 'noHole'],
  } as const;
  expect(encodeRequest(request)).toEqual(
    bytes('25609513 0003 0006 01020304 05060708 000000ff ffffffff 00000201'),
  );
  const flush = { command: 'flush', cookie: 1n, offsetBytes: 0, lengthBytes: 0 } as const;
  expect(encodeRequest(flush)).toEqual(
    bytes('25609513 0000 0003 0000000000000001 0000000000000000 00000000'),
  );
});

test('a reply names the request by its cookie, and how it ended', () => {
  expect(decodeReply(bytes('67446698 0000001c ffffffff ffffffff'))).toEqual({
    errno: 28,
    cookie: 2n ** 64n - 1n,
  });
  expect(decodeReply(bytes('668e33ef 0001 0001 0000000000000001'))).toBeUndefined(); // a structured one
  expect([5, 1, 28, 77].map(errnoText)).toEqual([
    'Input/output error',
    'Operation not permitted',
    'No space left on device',
    'error 77',
  ]);
});
