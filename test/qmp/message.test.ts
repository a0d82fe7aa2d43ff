import { describe, expect, test } from 'vitest';
import { classify } from '../../src/qmp/message.ts';
import type { Json } from '../../src/sequence/step.ts';

const timestamp = { seconds: 1700000000, microseconds: 250 };

test('a greeting is kept whole', () => {
  const greeting = { QMP: { version: { qemu: { major: 7 } }, capabilities: ['oob'] } };
  expect(classify(greeting)).toEqual({ kind: 'greeting', message: greeting });
});

test('a reply keeps its id, and has none where QEMU sent none', () => {
  expect(classify({ return: {}, id: null })).toEqual({ kind: 'reply', id: null, return: {} });
  expect(classify({ error: { class: 'GenericError', desc: 'JSON parse error' } })).toEqual({
    kind: 'reply',
    error: { class: 'GenericError', desc: 'JSON parse error' },
  });
});

test("an event carries QEMU's own time in microseconds, and no data as an empty object", () => {
  expect(classify({ event: 'STOP', timestamp })).toEqual({
    kind: 'event',
    name: 'STOP',
    data: {},
    qemuUs: 1_700_000_000_000_250,
  });
});

test('an event of a QEMU that could not tell the time has -1', () => {
  expect(classify({ event: 'STOP', timestamp: { seconds: -1, microseconds: -1 } })).toMatchObject({
    qemuUs: -1,
  });
});

test('members that the specification does not know are let pass', () => {
  expect(classify({ return: 1, id: 2, future: true })).toEqual({ kind: 'reply', id: 2, return: 1 });
});

describe('no message is', () => {
  const cases: Record<string, Json> = {
    'a number': 5,
    null: null,
    'a string': 'hello',
    'an array': [{ return: {} }],
    'an empty object': {},
    'a reply with both return and error': { return: {}, error: { class: 'GenericError', desc: 'x' } },
    'a reply that is an event too': { return: {}, event: 'STOP', timestamp },
    'an error without a class': { error: { desc: 'x' } },
    'an error without a description': { error: { class: 'GenericError' } },
    'an error that is a string': { error: 'GenericError' },
    'an event whose name is no string': { event: 5, timestamp },
    'an event without a timestamp': { event: 'STOP', data: {} },
    'an event whose data is no object': { event: 'STOP', data: [1], timestamp },
    'a greeting without a version': { QMP: { capabilities: [] } },
    'a greeting without capabilities': { QMP: { version: {} } },
  };
  test.each(Object.entries(cases))('%s', (_name, value) => {
    const text = JSON.stringify(value);
    expect(classify(value)).toEqual({ kind: 'foreign', what: 'not-a-message', text, sizeBytes: text.length });
  });
});
