import { expect, test } from 'vitest';
import { portmapperReply } from '../../../src/target/storage/portmapper.ts';

const ports = new Map([[100003, 2049]]);

test('a program that is there has its port, another has none', () => {
  expect(ask(2, 3, 100003)).toEqual(words(2049));
  expect(ask(2, 3, 100005)).toEqual(words(0));
});

test.each([2, 3, 4])('version %i: who registers or unregisters is told that it worked', (version) => {
  expect(ask(version, 1, 100005)).toEqual(words(1));
  expect(ask(version, 2, 100005)).toEqual(words(1));
});

test('an unknown procedure is unavailable', () => {
  const reply = portmapperReply(callOf(2, 9, 0), ports);
  expect(reply?.readUInt32BE(20)).toBe(3); // PROC_UNAVAIL
});

test('what is no call gets no answer', () => {
  expect(portmapperReply(Buffer.from('hello'), ports)).toBeUndefined();
});

/** The results in the reply to a call about a program. */
function ask(version: number, procedure: number, program: number): Buffer | undefined {
  return portmapperReply(callOf(version, procedure, program), ports)?.subarray(24);
}

function callOf(version: number, procedure: number, program: number): Buffer {
  return words(7, 0, 2, 100000, version, procedure, 0, 0, 0, 0, program, 3, 6, 0);
}

function words(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])));
}
