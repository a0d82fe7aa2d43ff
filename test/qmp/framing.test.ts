import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFramer } from '../../src/qmp/framing.ts';
import { foreignTextBytes, maxLineBytes, maxNestingLevels } from '../../src/qmp/limits.ts';
import type { QmpMessage } from '../../src/qmp/message.ts';
import { splitBytes } from '../../src/qmp/raw.ts';

test('however a stream is split, the messages are the same', () => {
  const line = fc.oneof(
    fc.record({ return: fc.jsonValue(), id: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify({ return: text, id: 1 })),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
    fc.constantFrom('', ' ', '{"return": ', '{"return": {}, "id": inf}', '[1,2]', `"${'long'.repeat(60)}"`),
  );
  const stream = fc
    .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))), fc.oneof(fc.constant(''), line))
    .map(([lines, rest]) => Buffer.from(lines.flat().join('') + rest));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(600)), (bytes, splitAt) => {
      expect(read(splitBytes(bytes, splitAt), 200)).toEqual(read([bytes], 200));
    }),
    { numRuns: 500 },
  );
});

test('single bytes make the same messages as one packet', () => {
  const bytes = Buffer.from('{"return": "Grüße, 世界 🙂", "id": 1}\r\n{"return": {}, "id": 2}\r\n');
  const expected = [
    { kind: 'reply', id: 1, return: 'Grüße, 世界 🙂' },
    { kind: 'reply', id: 2, return: {} },
  ];
  expect(read([bytes])).toEqual(expected);
  expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(expected);
});

test('a reply of megabytes in small packets arrives whole', () => {
  const long = 'x'.repeat(8 * 2 ** 20);
  const bytes = Buffer.from(`{"return": "${long}", "id": 1}\r\n`);
  const offsets = Array.from({ length: bytes.length / 1000 }, (_, index) => index * 1000);
  const [message, ...more] = read(splitBytes(bytes, offsets));
  expect(message).toEqual({ kind: 'reply', id: 1, return: long });
  expect(more).toEqual([]);
});

test('lines without content are nothing', () => {
  expect(read([Buffer.from('\r\n\n\r\n{"return": 1}\r\n\r')])).toEqual([{ kind: 'reply', return: 1 }]);
});

test("QEMU's echo of the id 1e400 is unparsable, and the next reply is read", () => {
  const line = '{"return": {}, "id": inf}';
  expect(read([Buffer.from(`${line}\r\n{"return": {}, "id": 2}\r\n`)])).toEqual([
    { kind: 'foreign', what: 'unparsable', text: line, sizeBytes: line.length },
    { kind: 'reply', id: 2, return: {} },
  ]);
});

test('a long unparsable line is quoted in part and measured in full', () => {
  const line = 'y'.repeat(3 * foreignTextBytes);
  expect(read([Buffer.from(`${line}\r\n`)])).toEqual([
    { kind: 'foreign', what: 'unparsable', text: line.slice(0, foreignTextBytes), sizeBytes: line.length },
  ]);
});

describe('a line over the limit', () => {
  const limitBytes = 100;
  const overlong = { kind: 'foreign', what: 'overlong', text: 'z'.repeat(limitBytes), sizeBytes: limitBytes };

  test('is seen once, and the next line is read', () => {
    const bytes = Buffer.from(`${'z'.repeat(1000)}\r\n{"return": {}}\r\n`);
    expect(read([bytes], limitBytes)).toEqual([overlong, { kind: 'reply', return: {} }]);
  });

  test('is seen as soon as it is over the limit, before it ends', () => {
    const messages: QmpMessage[] = [];
    const framer = createFramer((message) => messages.push(message), limitBytes);
    framer.receive(Buffer.alloc(limitBytes, 'z'));
    expect(messages).toEqual([]);
    framer.receive(Buffer.from('z'));
    expect(messages).toEqual([overlong]);
    framer.receive(Buffer.alloc(1000, 'z'));
    framer.end();
    expect(messages).toEqual([overlong]);
  });

  test('starts beyond 64 MiB unless told otherwise', () => {
    const messages: QmpMessage[] = [];
    const framer = createFramer((message) => messages.push(message));
    const mebibyte = Buffer.alloc(2 ** 20, 'z');
    for (let sent = 0; sent < maxLineBytes; sent += mebibyte.length) framer.receive(mebibyte);
    expect(messages).toEqual([]);
    framer.receive(Buffer.from('z\n{"return": {}}\n'));
    expect(messages).toMatchObject([{ what: 'overlong', sizeBytes: maxLineBytes }, { kind: 'reply' }]);
  });
});

test('a rest without line end is truncated, even where it would parse', () => {
  expect(read([Buffer.from('{"return": {}}')])).toEqual([
    { kind: 'foreign', what: 'truncated', text: '{"return": {}}', sizeBytes: 14 },
  ]);
});

test('bytes after the end are dropped', () => {
  const messages: QmpMessage[] = [];
  const framer = createFramer((message) => messages.push(message));
  framer.end();
  framer.receive(Buffer.from('{"return": {}}\r\n'));
  expect(messages).toEqual([]);
});

test('ending while a message is handled stops there', () => {
  const messages: QmpMessage[] = [];
  const framer = createFramer((message) => {
    messages.push(message);
    framer.end();
  });
  framer.receive(Buffer.from('{"return": 1}\r\n{"return": 2}\r\n{"ret'));
  expect(messages).toEqual([{ kind: 'reply', return: 1 }]);
});

test("a reply as deep as QEMU's own limit is read, one beyond all reason is unparsable", () => {
  const nested = (levels: number) =>
    Buffer.from(`{"return": 1, "id": ${'['.repeat(levels)}${']'.repeat(levels)}}\r\n`);
  expect(read([nested(1023)])).toMatchObject([{ kind: 'reply' }]);
  expect(read([nested(maxNestingLevels)])).toMatchObject([{ kind: 'foreign', what: 'unparsable' }]);
  expect(read([nested(1_000_000)])).toMatchObject([{ kind: 'foreign', what: 'unparsable' }]);
});

/** All messages in these packets, the end of the stream included. */
function read(packets: Buffer[], maxBytes?: number): QmpMessage[] {
  const messages: QmpMessage[] = [];
  const framer = createFramer((message) => messages.push(message), maxBytes);
  for (const packet of packets) framer.receive(Buffer.from(packet));
  framer.end();
  return messages;
}
