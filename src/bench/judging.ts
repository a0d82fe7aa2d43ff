import { execute } from '../execute/execute.ts';
import { openSessions } from '../execute/sessions/sessions.ts';
import { wordsOf } from '../judge/facts/words.ts';
import { judge } from '../judge/judge.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Observation, Trace } from '../trace/observation.ts';
import type { BenchProgram } from './bench.ts';
import { wholeMirror } from './lifecycle.ts';
import { type Figure, median } from './measure.ts';

/** What judging costs: the same for each observation however long the trace, and little beside running. */
export async function judging(
  { target, flavour, root, tool, name }: BenchProgram,
  goes: number,
): Promise<Figure[]> {
  const sessions = openSessions({ target, flavour, root, tool });
  try {
    const { schema } = await sessions.introspection();
    let runMs = 0;
    let judgeMs = 0;
    const run = async (sequence: Sequence): Promise<Trace> => {
      const begin = performance.now();
      const { trace, pristine } = await execute(sequence, await sessions.pristine(sequence));
      await sessions.giveBack(pristine);
      const ran = performance.now();
      judge(trace, schema);
      runMs += ran - begin;
      judgeMs += performance.now() - ran;
      return trace;
    };
    const round = await run(busyMirror);
    for (let i = 0; i < goes; i++) await run(wholeMirror);
    const share = (100 * judgeMs) / (runMs + judgeMs);

    eachUs(round, 10_000, schema); // the first thousands find unoptimised code
    const [short, middle, long] = [1_000, 10_000, 100_000].map((size) => eachUs(round, size, schema));
    const each = (what: string, ours = Number.NaN): Figure => ({ what, on: name, unit: 'µs', ours });
    return [
      each('judging each of 1,000', short),
      each('judging each of 10,000', middle),
      {
        ...each('judging each of 100,000', long),
        wanted: { text: '<= 2 x that of 10,000', met: (long ?? 0) <= 2 * (middle ?? 0) },
      },
      {
        what: "judging's share",
        on: name,
        unit: '%',
        ours: share,
        wanted: { text: '< 15', met: share < 15 },
      },
    ];
  } finally {
    await sessions.close();
  }
}

/** A mirror that is paused, resumed, sped up and looked at: a bit of every kind of observation. */
const busyMirror: Sequence = {
  ...wholeMirror,
  title: 'a busy mirror',
  steps: [
    ...wholeMirror.steps.slice(0, 2),
    { qmp: 'query-jobs' },
    { qmp: 'query-block-jobs' },
    { qmp: 'job-pause', args: { id: '#0' } },
    { qmp: 'block-job-set-speed', args: { device: '#0', speed: 2 ** 30 } },
    { qmp: 'job-resume', args: { id: '#0' } },
    { qmp: 'job-finalize', args: { id: '#0' } },
    ...wholeMirror.steps.slice(2),
  ],
};

/** Microseconds of judging for each observation of a session that goes through that round again and again. */
function eachUs(round: Trace, size: number, schema: QmpSchema): number {
  const trace = prolonged(round, size);
  const samples = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    const { violations } = judge(trace, schema);
    const us = (performance.now() - begin) * 1000;
    if (violations[0]) throw new Error(`unreachable: ${violations[0].rule.name}: ${wordsOf(violations[0])}`);
    return us / trace.length;
  });
  return median(samples);
}

function prolonged(round: Trace, size: number): Trace {
  const opening = round.findIndex((seen) => seen.kind === 'step');
  const ending = round.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'settle');
  const steps = round.slice(opening, ending);
  const spanUs = (steps.at(-1)?.us ?? 0) + 1;
  const rounds = Math.ceil(size / steps.length);
  const trace = Array.from({ length: rounds }, (_, time) => steps.map((seen) => again(seen, time, spanUs)));
  return [...round.slice(0, opening), ...trace.flat()];
}

/** Commands get ids of their own; every other round has a job of its own, the rest share one id. */
function again(seen: Observation, time: number, spanUs: number): Observation {
  const job = time % 2 === 0 ? 'j0' : `j${time}`;
  const named: Observation = JSON.parse(JSON.stringify(seen).replaceAll('"j0"', `"${job}"`));
  const us = named.us + time * spanUs;
  if (named.kind !== 'command' && named.kind !== 'reply') return { ...named, us };
  return { ...named, us, id: `${named.id}.${time}` };
}
