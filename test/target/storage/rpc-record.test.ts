import { describe, expect, test } from 'vitest';
import { answer, marked, parseCall, recordReader } from '../../../src/target/storage/rpc-record.ts';

describe('records of a stream', () => {
  const records = ['', 'a', 'hello', 'x'.repeat(300)].map((text) => Buffer.from(text));
  const stream = Buffer.concat(records.map(marked));

  test.each([1, 2, 3, 5, 7, 300, 1000])(
    'come out whole when it arrives in pieces of %i bytes',
    (pieceBytes) => {
      expect(read(stream, pieceBytes)).toEqual(records);
    },
  );

  test('are joined from their fragments', () => {
    const fragment = (last: boolean, text: string) =>
      Buffer.concat([Buffer.from([last ? 0x80 : 0, 0, 0, text.length]), Buffer.from(text)]);
    const pieces = Buffer.concat([fragment(false, 'he'), fragment(false, ''), fragment(true, 'llo')]);
    expect(read(pieces, 3)).toEqual([Buffer.from('hello')]);
  });
});

describe('a call', () => {
  test('tells program, version, procedure and what comes behind credentials of any length', () => {
    const credentials = [1, 5, 0x61626364, 0x65000000]; // five bytes, filled up to eight
    const record = words(77, 0, 2, 100003, 3, 7, ...credentials, 0, 0, 1234);
    expect(parseCall(record)).toEqual({
      xid: 77,
      program: 100003,
      version: 3,
      procedure: 7,
      body: words(1234),
    });
  });

  test.each([
    ['a reply', words(77, 1, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['too short', words(77, 0, 2, 100003, 3)],
    ['said to have more credentials than it has', words(77, 0, 2, 100003, 3, 7, 1, 400, 0, 0)],
  ])('is not seen in what is %s', (_, record) => {
    expect(parseCall(record)).toBeUndefined();
  });

  test('is answered by its transaction id', () => {
    const call = { xid: 0xfffffff0, program: 100003, version: 3, procedure: 7, body: Buffer.alloc(0) };
    expect(answer(call, 28, 0, 0)).toEqual(words(0xfffffff0, 1, 0, 0, 0, 0, 28, 0, 0));
  });
});

function read(stream: Buffer, pieceBytes: number): Buffer[] {
  const seen: Buffer[] = [];
  const feed = recordReader((record) => seen.push(Buffer.from(record)));
  for (let at = 0; at < stream.length; at += pieceBytes) feed(stream.subarray(at, at + pieceBytes));
  return seen;
}

function words(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])));
}
