import { beforeAll, describe, expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { undecided } from '../../src/judge/undecided.ts';
import { triedSeries } from '../../src/qemu/versions.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';
import { goldenTraces, titleOf } from './golden-traces.ts';

const recorded = goldenTraces();

describe('recorded sessions of real QEMUs', () => {
  test('are of every series that rules are tried on, in both flavours, some hundred in all', () => {
    const series = recorded.map(({ program }) => program.replace(/(\d+\.\d+)\.\d+/, '$1'));
    expect(series.sort()).toEqual(triedSeries.flatMap((each) => [`${each}-daemon`, `${each}-system`]).sort());
    expect(recorded.flatMap(({ traces }) => traces).length).toBeGreaterThan(400);
  });

  test.each(recorded)('break no rule: $program', ({ schema, traces }) => {
    expect(schema).toBeDefined();
    const found = traces.flatMap((trace) =>
      judge(trace, schema).violations.map(({ rule }) => [titleOf(trace), rule.name]),
    );
    expect(found).toEqual([]);
    expect(traces.map(undecided).filter((why) => why !== undefined)).toEqual([]);
  });
});

describe('recorded sessions with one event of a job dropped or doubled', () => {
  let mutants: (Mutant & { noticed: boolean })[] = [];
  const missed = () => mutants.filter(({ noticed }) => !noticed);

  beforeAll(() => {
    mutants = recorded.flatMap(({ schema, traces }) =>
      traces
        .filter((_, i) => i % 5 === 0)
        .flatMap(mutantsOf)
        .map((mutant) => ({ ...mutant, noticed: judge(mutant.trace, schema).violations.length > 0 })),
    );
  });

  test('are many', () => {
    expect(mutants.length).toBeGreaterThan(2000);
  });

  test('break some rule, all but one in a hundred', () => {
    expect(missed().length / mutants.length).toBeLessThan(0.01); // 0.5 % when this was written
  });

  test('break some rule, unless QEMU was on its way out or a group may have ended otherwise', () => {
    expect(
      missed()
        .filter(({ seen, why }) => !excusable(seen, why))
        .map(({ what }) => what),
    ).toEqual([]);
  });
});

type Mutant = { what: string; trace: Trace; seen: Observation & { kind: 'event' }; why: Excuse };
type Excuse = { atTheEnd: boolean; grouped: boolean };

/** BLOCK_JOB_ERROR is left alone: how many a burst has is QEMU's to choose. */
function mutantsOf(trace: Trace): Mutant[] {
  const endAskedAt = trace.findIndex((seen) => seen.kind === 'command' && seen.name === 'quit');
  const grouped = trace.some((seen) => seen.kind === 'command' && seen.name === 'transaction');
  return trace.flatMap((seen, at): Mutant[] => {
    if (seen.kind !== 'event' || !/^(JOB_STATUS_CHANGE|BLOCK_JOB_(?!ERROR))/.test(seen.name)) return [];
    const later = trace.slice(at + 1).some((next) => isAbout(next, seen.data.id ?? seen.data.device));
    const why = { atTheEnd: endAskedAt !== -1 && !later, grouped };
    const name = `${seen.name} ${seen.data.status ?? ''} at ${at} of: ${titleOf(trace)}`;
    return [
      { what: `dropped ${name}`, trace: trace.toSpliced(at, 1), seen, why },
      { what: `doubled ${name}`, trace: trace.toSpliced(at, 0, seen), seen, why },
    ];
  });
}

const isAbout = (seen: Observation, id: unknown): boolean =>
  seen.kind === 'event' && (seen.data.id ?? seen.data.device) === id;

/** What nobody can tell: the last word of a job whose QEMU quits; a member of a group aborting while it still waits. */
function excusable({ data }: Mutant['seen'], { atTheEnd, grouped }: Excuse): boolean {
  return atTheEnd || (grouped && data.status === 'pending');
}
