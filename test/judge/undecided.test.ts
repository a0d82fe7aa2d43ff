import { expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { undecided } from '../../src/judge/undecided.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { goldenTraces } from '../golden/golden-traces.ts';
import { type Setting, story } from './story.ts';

const disk = { name: 'src', format: 'raw', sizeBytes: 65_536 } as const;
const planned: Setting = { arena: { disks: [disk] }, after: [{ content: 'src' }, { content: 'src' }] };

/** A whole run, with the steps that a story begins with. */
const whole = (text: string, setting: Setting = planned): Trace =>
  story(`${text}\n~ closed pristine=true commands=0 elapsedUs=1`, setting);
const read = '= src 0+65536:zero';

test('a run of which all was seen is decided', () => {
  const second = '= src 0+65536:zero claim=1';
  expect(undecided(whole(`${read}\n${second}`))).toBeUndefined();
  expect(undecided(whole('', {}))).toBeUndefined();
});

test('a trace that is cut off is undecided', () => {
  expect(undecided(story(read, planned))).toMatch(/^the trace is cut off/);
});

test('images that the sequence wants looked at, and nobody did, leave it undecided', () => {
  expect(undecided(whole(read))).toBe('the images were not looked at');
});

test.each([
  ['~ image claim=1 outcome=untried text="there is no qemu-img"', 'there is no qemu-img'],
  [
    '~ image claim=1 outcome=unreadable text="qemu-img map: Could not open /tmp/mf-1/s1/q3/src.raw"',
    'qemu-img map: Could not open …',
  ],
  ['= src 0+65536:zero claim=1 check={"outcome":"untried","text":"killed"}', 'killed'],
])('an image that could not be looked at leaves it undecided, with the reason: %s', (line, reason) => {
  expect(undecided(whole(`${read}\n${line}`))).toBe(`an image was not judged: ${reason}`);
});

test('an image that is not there is an answer', () => {
  expect(undecided(whole(`${read}\n~ image claim=1 outcome=absent text=gone`))).toBeUndefined();
});

test('what an author claims of an image that nothing looked at is not said to be broken', () => {
  const claims: Setting = { ...planned, after: [{ same: ['src', 'src'] }, { check: 'src' }] };
  const text = [0, 1].map((claim) => `~ image claim=${claim} outcome=untried text="no qemu-img"`).join('\n');
  expect(judge(whole(text, claims)).violations).toEqual([]);
  expect(undecided(whole(text, claims))).toBe('an image was not judged: no qemu-img');
});

test('a recorded session that is cut off anywhere breaks no rule, and is undecided', () => {
  for (const { schema, traces } of goldenTraces()) {
    for (const trace of traces.filter((_, i) => i % 10 === 0)) {
      for (let length = 2; length < trace.length; length += 7) {
        const part = trace.slice(0, length);
        expect(judge(part, schema).violations).toEqual([]);
        expect(undecided(part)).toMatch(/^the trace is cut off/);
      }
    }
  }
});

test.each(['quit', 'query-jobs'])(
  'somebody else killed QEMU, after %s: nothing from there on counts',
  (name) => {
    const text = (asked: boolean): string =>
      `> ${name}\n~ disconnect\n~ exit code=null signal=SIGKILL asked=${asked}`;
    expect(undecided(whole(text(false), {}))).toBe('QEMU was killed by SIGKILL, not by us (out of memory?)');
    expect(undecided(whole(text(true), {}))).toBeUndefined();
  },
);
