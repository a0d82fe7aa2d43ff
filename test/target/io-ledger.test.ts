import { expect, test } from 'vitest';
import type { Verb } from '../../src/target/io-command.ts';
import { createLedger } from '../../src/target/io-ledger.ts';

test('a success is booked by verb, offset and length, in whatever order they come', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 512, 'write');
  add('c', 0, 'read');
  ledger.done('write', 512, 512);
  ledger.done('read', 0, 512);
  expect(ends).toEqual({ b: { result: 'ok' }, c: { result: 'ok' } });
});

test('a failure is that of the only request of its verb', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 0, 'read');
  ledger.failed('read', 'Input/output error');
  expect(ends).toEqual({ b: { result: 'error', text: 'Input/output error' } });
});

test('a failure among several is booked once the rest have reported', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 512, 'write');
  add('c', 1024, 'write');
  ledger.failed('write', 'no');
  expect(ends).toEqual({});
  ledger.done('write', 0, 512);
  ledger.done('write', 1024, 512);
  expect(ends.b).toEqual({ result: 'error', text: 'no' });
});

test('a request submitted after a failure was heard is no suspect', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 512, 'write');
  ledger.failed('write', 'no');
  add('c', 1024, 'write');
  ledger.done('write', 0, 512);
  expect(ends).toEqual({ a: { result: 'ok' }, b: { result: 'error', text: 'no' } });
});

test('as many failures as requests left are all of them', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 512, 'write');
  ledger.failed('write', 'one');
  ledger.failed('write', 'two');
  const either = { result: 'error', text: 'one or two' };
  expect(ends).toEqual({ a: either, b: either });
});

test('twins of which one failed are both unattributed', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 0, 'write');
  ledger.done('write', 0, 512);
  expect(ends).toEqual({});
  ledger.failed('write', 'no');
  const either = { result: 'unattributed', text: 'no' };
  expect(ends).toEqual({ a: either, b: either });
});

test('twins that both go well are both ok', () => {
  const { ledger, ends, add } = booked();
  add('a', 0, 'write');
  add('b', 0, 'write');
  ledger.done('write', 0, 512);
  ledger.done('write', 0, 512);
  expect(ends).toEqual({ a: { result: 'ok' }, b: { result: 'ok' } });
  expect(ledger.size()).toBe(0);
});

test('a request taken back is reported on no more', () => {
  const { ledger, ends, add } = booked();
  const takeBack = add('a', 0, 'write');
  expect(takeBack()).toBe(true);
  expect(takeBack()).toBe(false);
  ledger.done('write', 0, 512);
  expect(ends).toEqual({});
  expect(ledger.size()).toBe(0);
});

function booked() {
  const ledger = createLedger();
  const ends: Record<string, unknown> = {};
  const add = (name: string, offsetBytes: number, verb: Verb) =>
    ledger.add({
      verb,
      offsetBytes,
      lengthBytes: 512,
      settle: (end) => {
        ends[name] = end;
      },
    });
  return { ledger, ends, add };
}
