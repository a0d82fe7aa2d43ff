import { describe, expect, test } from 'vitest';
import { aspectsOf } from '../../src/diff/aspects.ts';
import { compare } from '../../src/diff/compare.ts';
import type { Json, Step } from '../../src/sequence/step.ts';
import type { Seen } from '../../src/trace/observation.ts';
import { goldenTraces } from '../golden/golden-traces.ts';
import { exchange, status, traceOf } from './traces.ts';

const refused = (desc: string, of = 'GenericError') => ({ error: { class: of, desc } });
const done = { return: {} };
const steps: Step[] = [
  { qmp: 'blockdev-mirror', args: { 'job-id': 'j0' } },
  { qmp: 'query-block' },
  { qmp: 'job-cancel' },
];
const aspects = (...seen: Seen[]) => aspectsOf(traceOf(steps, seen));
const differences = (here: Seen[], there: Seen[]) =>
  compare([{ runs: [aspects(...here)] }, { runs: [aspects(...there)] }]).differences;
const brief = (here: Seen[], there: Seen[]) =>
  differences(here, there).map(({ what, subject, values }) => [what, subject, ...values]);

describe('two traces', () => {
  test('an outcome that is not the same is one difference, without the words that go with it', () => {
    expect(
      brief(exchange(0, 'blockdev-mirror', done), exchange(0, 'blockdev-mirror', refused('No'))),
    ).toEqual([['outcome', 'reply to blockdev-mirror', 'ok', 'GenericError']]);
  });

  test('other words for the same class are a difference; names, paths and numbers in them are none', () => {
    const of = (desc: string) => exchange(0, 'blockdev-mirror', refused(desc), { 'job-id': 'j0' });
    expect(brief(of("Cannot open '/tmp/a1/x': 3"), of("Cannot open '/dev/shm/y': 14"))).toEqual([]);
    expect(brief(of('Cannot open it'), of('Could not open it'))).toHaveLength(1);
  });

  test('a member that is gone is a difference, and what was in it is none of its own', () => {
    const of = (value: Json) => exchange(1, 'query-block', { return: [value] });
    expect(brief(of({ limits: { a: 1, b: 2 } }), of({}))).toEqual([
      ['members', 'query-block: [].limits', 'object', 'nothing'],
    ]);
  });

  test('figures of a query, and how many elements it lists, are no difference', () => {
    const of = (...values: Json[]) => exchange(1, 'query-block', { return: values });
    expect(brief(of({ a: 1 }), of({ a: 99 }, { a: 3 }))).toEqual([]);
  });

  test('of a job the first event that is another counts', () => {
    const job = (...to: string[]): Seen[] => [
      ...exchange(0, 'blockdev-mirror', done, { 'job-id': 'j0' }),
      ...to.map((each) => status('j0', each)),
    ];
    expect(brief(job('running', 'ready', 'waiting'), job('running', 'aborting', 'concluded'))).toEqual([
      ['events', 'mirror job, after running', 'ready', 'aborting'],
    ]);
  });

  test('a pause of a job is no difference, and what comes after it is compared', () => {
    const job = (...to: string[]): Seen[] => [
      ...exchange(0, 'blockdev-mirror', done, { 'job-id': 'j0' }),
      ...to.map((each) => status('j0', each)),
    ];
    const paused = job('running', 'paused', 'running', 'ready', 'standby', 'ready', 'waiting');
    expect(brief(paused, job('running', 'ready', 'waiting'))).toEqual([]);
    expect(brief(paused, job('running', 'ready', 'aborting'))).toEqual([
      ['events', 'mirror job, after ready', 'waiting', 'aborting'],
    ]);
  });

  test('what comes after another outcome may follow from it', () => {
    const late = (answer: typeof done | ReturnType<typeof refused>) => exchange(2, 'job-cancel', answer);
    const here = [...exchange(0, 'blockdev-mirror', done), ...late(done)];
    const there = [...exchange(0, 'blockdev-mirror', refused('No')), ...late(refused('none'))];
    const compared = compare([{ runs: [aspects(...here)] }, { runs: [aspects(...there)] }]);
    expect(compared.differences).toHaveLength(1);
    expect(compared.afterwards).toBe(1);
  });

  test('a crash is a difference beside the outcome that it took, and however late it is seen', () => {
    const crash: Seen = { kind: 'exit', code: null, signal: 'SIGABRT', asked: false };
    const here = [...exchange(0, 'blockdev-mirror', done), ...exchange(2, 'job-cancel', done)];
    const there = [
      ...exchange(0, 'blockdev-mirror', refused('No')),
      { kind: 'step' as const, step: 2 },
      crash,
    ];
    expect(brief(here, there)).toContainEqual(['process', 'exit', 'nothing', 'SIGABRT']);
  });

  test('what a version does now so and now otherwise is no difference', () => {
    const ok = aspects(...exchange(0, 'blockdev-mirror', done));
    const no = aspects(...exchange(0, 'blockdev-mirror', refused('No')));
    const compared = compare([{ runs: [ok, no] }, { runs: [no, no] }]);
    expect(compared.differences).toEqual([]);
    expect(compared.unstable).toBeGreaterThan(0);
  });

  test('images differ by what they hold', () => {
    const of = (sha256: string): Seen[] => [
      { kind: 'content', claim: 0, image: 'dst', sizeBytes: 512, sha256, runs: [] },
    ];
    expect(brief(of('a'.repeat(64)), of('b'.repeat(64)))).toHaveLength(1);
    expect(brief(of('a'.repeat(64)), of('a'.repeat(64)))).toEqual([]);
  });
});

test('no recorded session differs from itself, whenever it ran and whatever its images were called', () => {
  const found = goldenTraces().flatMap(({ traces, schema }) =>
    everyEighth(traces).flatMap((trace) => {
      const later = trace.map((seen) => ({ ...seen, us: seen.us * 3 + 17 }));
      const elsewhere = JSON.parse(
        JSON.stringify(later).replaceAll('/dev/shm/mirrorfuzz-', '/dev/shm/other-'),
      );
      const samples = [trace, elsewhere].map((each) => ({ runs: [aspectsOf(each, schema)] }));
      return compare(samples).differences;
    }),
  );
  expect(found).toEqual([]);
});

/** Each is read and judged for this; all of them take ten seconds. */
const everyEighth = <T>(all: readonly T[]): T[] => all.filter((_, at) => at % 8 === 0);
