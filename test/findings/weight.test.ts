import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { impactOf } from '../../src/findings/impact.ts';
import { reachOf } from '../../src/findings/reach.ts';
import { openFindings } from '../../src/findings/store.ts';
import { asListed, byWeight } from '../../src/findings/weight.ts';
import type { Json, Step } from '../../src/sequence/step.ts';
import { died } from './facts.ts';
import { sequenceOf, traceOf } from './found.ts';

const guest: Step = { guest: 'write', disk: 'src' };
const dead = died('SIGSEGV');

/** Of steps whose commands were answered so; a command that nothing is said of was never answered. */
function reach(steps: Step[], ...replies: ('ok' | 'refused')[]) {
  const sequence = sequenceOf(...steps);
  const seen = steps.flatMap((step, i) => {
    if (!('qmp' in step)) return [{ kind: 'step' as const, step: i }];
    const command = { kind: 'command' as const, id: i, name: step.qmp, args: step.args ?? {}, step: i };
    const error = { class: 'GenericError', desc: 'no' };
    const reply = { kind: 'reply' as const, id: i, ...(replies[i] === 'ok' ? { return: {} } : { error }) };
    return [{ kind: 'step' as const, step: i }, command, ...(replies[i] === undefined ? [] : [reply])];
  });
  const exit = { kind: 'exit' as const, code: null, signal: 'SIGSEGV', asked: false };
  const trace = traceOf(sequence, { kind: 'phase', phase: 'steps' }, ...seen, exit);
  return reachOf(sequence, trace, dead);
}

const qmp = (name: string, args: Record<string, Json> = {}): Step => ({ qmp: name, args });
const mirror = { device: 'src', target: 'dst', sync: 'full', 'job-id': 'j0' };

describe('who can bring it about', () => {
  test.each<[string, Step[], ('ok' | 'refused')[], string]>([
    ['requests of the guest', [guest], [], 'guest'],
    ["a request by HMP's qemu-io, which is a command", [{ ...guest, via: 'hmp' }], [], 'valid-commands'],
    ['a command that is taken', [qmp('query-jobs'), guest], ['ok'], 'valid-commands'],
    ['a command that is never answered', [qmp('query-jobs')], [], 'valid-commands'],
    ['a command that is refused', [qmp('blockdev-mirror', mirror), guest], ['refused'], 'invalid-commands'],
    [
      'one that is never answered, and onto its own source',
      [qmp('blockdev-mirror', { ...mirror, target: 'src' })],
      [],
      'invalid-commands',
    ],
    ['bytes on the monitor', [{ raw: '{' }], [], 'invalid-commands'],
    ['an injected error', [{ fault: 'inject', disk: 'src', errno: 'EIO' }], [], 'debug-only'],
    ['a debug node', [qmp('blockdev-add', { driver: 'null-co', 'node-name': 'a' })], ['ok'], 'debug-only'],
    [
      'one deep in a command',
      [qmp('blockdev-add', { driver: 'raw', file: { driver: 'blkdebug', image: 'src' } })],
      ['ok'],
      'debug-only',
    ],
    ['a command for experiments', [qmp('x-debug-query-block-graph')], ['ok'], 'debug-only'],
  ])('%s', (_what, steps, replies, due) => {
    expect(reach(steps, ...replies)).toBe(due);
  });

  test('a debug node that is there from the start', () => {
    const nodes = [{ 'node-name': 'v', driver: 'blkverify' as const, raw: 'twin', test: 'src' }];
    const plain = sequenceOf(qmp('query-jobs'));
    const sequence = { ...plain, arena: { ...plain.arena, nodes } };
    expect(reachOf(sequence, traceOf(sequence), dead)).toBe('debug-only');
  });
});

const store = openFindings(join(import.meta.dirname, '../../findings'));

/** By hand, for each kind of impact and reach that is committed. */
test.each([
  ['cf1ac77f89df', 'data-loss', 'valid-commands'],
  ['b60345a2c0de', 'data-loss', 'valid-commands'],
  ['984d43510d2e', 'crash', 'valid-commands'],
  ['05d1bdd82fd2', 'crash', 'valid-commands'], // it cancels a job that completes meanwhile
  ['e2679d1b11b8', 'crash', 'invalid-commands'],
  ['32249230b508', 'crash', 'invalid-commands'],
  ['4804e28332c0', 'crash', 'debug-only'],
  ['ebbe134c3ddb', 'hang', 'invalid-commands'],
  ['dc94e08a45f6', 'hang', 'valid-commands'],
  ['57f559401238', 'leak', 'invalid-commands'],
])('finding %s is a %s by %s', (id, impact, due) => {
  const { finding, sequence, trace } = store.read(id);
  const { facts } = finding.violation;
  if (!facts) throw new Error(`${id} breaks no rule`);
  expect(impactOf(facts, finding.rule, sequence())).toBe(impact);
  expect(reachOf(sequence(), trace(), facts)).toBe(due);
});

test('what takes a debug node is read last, and of two alike what more people can bring about is read first', () => {
  const of = (impact: 'data-loss' | 'crash', by: 'guest' | 'valid-commands' | 'debug-only') => ({
    ...{ impact, reach: by, kind: 'crash' as const },
  });
  const all = [of('data-loss', 'debug-only'), of('crash', 'valid-commands'), of('crash', 'guest')];
  expect([...all, of('data-loss', 'valid-commands')].sort(byWeight)).toEqual([
    of('data-loss', 'valid-commands'),
    of('crash', 'guest'),
    of('crash', 'valid-commands'),
    of('data-loss', 'debug-only'),
  ]);
});

test('a store is listed with what is fixed last, whatever it does', () => {
  const of = (
    id: string,
    status: 'new' | 'fixed',
    impact: 'data-loss' | 'leak',
    reach: 'guest' | 'debug-only',
  ) => ({
    ...{ id, status, impact, reach, kind: 'crash' as const },
  });
  const all = [
    of('a', 'fixed', 'data-loss', 'guest'),
    of('b', 'new', 'leak', 'debug-only'),
    of('c', 'new', 'leak', 'guest'),
  ];
  expect([...all, of('d', 'fixed', 'leak', 'guest')].sort(asListed).map(({ id }) => id)).toEqual([
    'c',
    'b',
    'a',
    'd',
  ]);
});
