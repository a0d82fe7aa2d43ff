import type { Trace } from '../trace/observation.ts';
import type { Item } from './item.ts';
import type { GateLane, HowToRun, Look } from './lane.ts';
import { limits } from './limits.ts';
import {
  addPair,
  type Conclusion,
  conclude,
  concludeInHaste,
  noRuns,
  type PairedRuns,
} from './paired-runs.ts';

/**
 * `conclusion` is absent where the machine, or the time, let it come to none: `why`. `beside`: the last run on the baseline
 * that did not show it or, where all do, the last.
 */
export type ComparedAgain = {
  showing: PairedRuns;
  conclusion?: Conclusion;
  why?: string;
  beside?: Trace;
};

/**
 * Shows a failure again until a test of its rate comes to an end: on the candidate and, where `hasBaseline`, on the
 * baseline beside it, by turns first. What was met in a session that had run nothing before is shown again in such ones.
 */
export async function compareAgain(
  lane: GateLane,
  { sequence, flavour }: Pick<Item, 'sequence' | 'flavour'>,
  how: {
    signatures: ReadonlySet<string>;
    grave: boolean;
    hasty: boolean;
    hasBaseline: boolean;
    isFresh: boolean;
    /** Why there is no time for another run. */
    outOfTime(): string | undefined;
  },
): Promise<ComparedAgain> {
  const deadlineScale = how.hasty ? limits.hangDeadlineScale : 1;
  const { isFresh } = how;
  const pairs = openPairs(lane, { ...how, sequence, flavour, deadlineScale });
  let showing = noRuns(how.hasBaseline);
  let beside: { trace: Trace; shows: boolean } | undefined;
  const compared = await untilDecided();
  return { ...compared, ...(beside ? { beside: beside.trace } : {}) };

  async function untilDecided(): Promise<ComparedAgain> {
    for (;;) {
      const late = how.outOfTime();
      const conclusion =
        conclude(showing, how) ?? (late === undefined ? undefined : concludeInHaste(showing));
      if (conclusion !== undefined)
        return how.hasty && (conclusion === 'new' || conclusion === 'worse')
          ? { showing, ...(await patiently(conclusion)) }
          : { showing, conclusion };
      if (late !== undefined) return { showing, why: late };
      const pair = await pairs.next();
      if ('why' in pair) return { showing, why: pair.why };
      showing = addPair(showing, shows(pair.candidate), pair.baseline && shows(pair.baseline));
      if (pair.baseline) noteBeside(pair.baseline);
    }
  }

  function noteBeside(look: Look): void {
    const isShown = shows(look);
    if (!isShown || beside === undefined || beside.shows)
      beside = { trace: look.tried.trace, shows: isShown };
  }

  /** With the whole of their deadlines, so that no slow answer is taken for a hang. */
  async function patiently(conclusion: Conclusion): Promise<{ conclusion?: Conclusion; why?: string }> {
    const look = await lane.run('candidate', flavour, sequence, { isFresh });
    if (look.is !== 'decided') return { why: look.reason };
    return { conclusion: shows(look) ? conclusion : 'fluke' };
  }

  function shows({ tried }: Look): boolean {
    return tried.signatures.some((signature) => how.signatures.has(signature));
  }
}

export type Pair = { candidate: Look; baseline?: Look };
/** The candidate can't run it, or the machine decides nothing any more. */
export type NoPair = { is: 'skipped' | 'undecided'; why: string };

/** Pairs of decided runs, the candidate first and last by turns. */
export function openPairs(
  lane: GateLane,
  of: Pick<Item, 'sequence' | 'flavour'> & HowToRun & { hasBaseline: boolean },
): { next(): Promise<Pair | NoPair> } {
  const { flavour, sequence, deadlineScale = 1, isFresh = false } = of;
  const how = { deadlineScale, isFresh };
  let { hasBaseline } = of;
  let turn = 0;
  let undecided = 0;

  return { next };

  async function next(): Promise<Pair | NoPair> {
    for (;;) {
      const first = turn++ % 2 === 0 ? 'candidate' : 'baseline';
      const { candidate, baseline } = hasBaseline
        ? await lane.pair(first, flavour, sequence, how)
        : { candidate: await lane.run('candidate', flavour, sequence, how) };
      if (baseline?.is === 'skipped') hasBaseline = false; // it lacks what the sequence needs: nothing to compare
      const failed = [candidate, baseline].find((look) => look?.is === 'undecided');
      if (candidate.is === 'skipped') return { is: 'skipped', why: candidate.reason };
      if (!failed) return baseline?.is === 'decided' ? { candidate, baseline } : { candidate };
      if (++undecided > limits.undecidedMax) return { is: 'undecided', why: failed.reason };
    }
  }
}
