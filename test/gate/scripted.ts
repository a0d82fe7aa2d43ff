import { openCauses } from '../../src/gate/causes.ts';
import { openKnown } from '../../src/gate/known.ts';
import type { HowToRun, Look, Side } from '../../src/gate/lane.ts';
import type { Ruling } from '../../src/gate/ruling.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Flavour } from '../../src/trace/observation.ts';
import { defaultPolicy } from './examples.ts';

/** A lane whose runs are looks out of a list, the last one for ever; `asked`: which side ran how often. */
export function ruling(looks: Partial<Record<Side, Look[]>>, more: Partial<Ruling> = {}) {
  const asked = { candidate: 0, baseline: 0 };
  const fresh: boolean[] = [];
  const queues = { candidate: [...(looks.candidate ?? [])], baseline: [...(looks.baseline ?? [])] };
  const run = (side: Side, how?: HowToRun): Look => {
    asked[side]++;
    fresh.push(how?.isFresh === true);
    const queue = queues[side];
    return (queue.length > 1 ? queue.shift() : queue[0]) as Look;
  };
  const on = {
    lane: {
      run: (side: Side, _flavour: Flavour, _sequence: Sequence, how?: HowToRun): Promise<Look> =>
        Promise.resolve(run(side, how)),
      pair: (_first: Side, _flavour: Flavour, _sequence: Sequence, how?: HowToRun) =>
        Promise.resolve({ candidate: run('candidate', how), baseline: run('baseline', how) }),
      waitedMs: () => 0,
      close: () => Promise.resolve(),
      kill: () => Promise.resolve(),
    },
    known: openKnown([]),
    causes: openCauses(),
    policy: defaultPolicy,
    today: '2026-11-29',
    candidate: { label: '11.1.3', version: '11.1.3', origin: 'path', path: '/qemu' },
    version: '11.1.3',
    hasBaseline: () => looks.baseline !== undefined,
    outOfTime: () => undefined,
    ...more,
  } satisfies Ruling;
  return { on, asked, fresh };
}
