import type { AfterClaim } from '../sequence/sequence.ts';
import type { Observation, Trace } from '../trace/observation.ts';
import { isCutOff } from './reading/cut-off.ts';
import { killedByOthers } from './reading/killed.ts';
import { withoutParticulars } from './reading/without-particulars.ts';

/**
 * Why a trace allows no pass, where it does not: somebody else killed QEMU, or something that the sequence planned to
 * look at was not seen. What broke a rule is broken all the same. The reason is the same for the same trouble, whatever
 * the run's names and paths: hunts count it.
 */
export function undecided(trace: Trace): string | undefined {
  const stepsBegan = trace.some((seen) => seen.kind === 'phase' && seen.phase === 'steps');
  if (killedByOthers(trace) !== undefined) return 'QEMU was killed by SIGKILL, not by us (out of memory?)';
  if (isCutOff(trace)) return 'the trace is cut off: what came after its last line was not seen';
  return stepsBegan ? imagesUndecided(trace) : refusedArena(trace);
}

function refusedArena(trace: Trace): string {
  for (const seen of trace) {
    if (seen.kind === 'reply' && seen.error)
      return `the arena was refused: ${withoutParticulars(seen.error.desc)}`;
    if (seen.kind === 'reply' && typeof seen.return === 'string' && seen.return.trim() !== 'OK') {
      return `the arena was refused: ${withoutParticulars(seen.return.trim())}`;
    }
  }
  return 'the arena could not be set up';
}

/** Of several images that were not read the first is named. */
function imagesUndecided(trace: Trace): string | undefined {
  const [opened] = trace;
  const claims = opened?.kind === 'opened' ? (opened.sequence.after ?? []) : [];
  for (const [claim, what] of claims.entries()) {
    const looked = trace.filter((seen) => isAbout(seen, claim));
    if (looked.length === 0) return 'the images were not looked at';
    for (const seen of looked) {
      const why = notJudged(seen, what);
      if (why !== undefined) return `an image was not judged: ${withoutParticulars(why)}`;
    }
  }
  return undefined;
}

const isAbout = (seen: Observation, claim: number): boolean =>
  (seen.kind === 'image' || seen.kind === 'content' || seen.kind === 'boot') && seen.claim === claim;

/** That an image which claims nothing is not there is an answer; that one claims what can't be tried is none. */
function notJudged(seen: Observation, what: AfterClaim): string | undefined {
  if (seen.kind === 'image' && seen.outcome === 'untried') return seen.text;
  if (seen.kind === 'image' && seen.outcome === 'unreadable' && 'content' in what) return seen.text;
  if (seen.kind === 'content' && seen.check && /^un/.test(seen.check.outcome)) return seen.check.text;
  return undefined;
}
