import type { ContentFact, HeldContent } from '../../src/judge/facts/content.ts';
import type { DiedFact } from '../../src/judge/facts/died.ts';
import type { Fact } from '../../src/judge/facts/fact.ts';
import type { Wanted } from '../../src/judge/facts/shown.ts';
import type { Json } from '../../src/sequence/step.ts';
import type { Origin } from '../../src/trace/content-run.ts';

/** Facts as rules say them, for violations that no rule has found. */

export const leftBehind = (what: 'node' | 'job' | 'export' | 'file', ...names: string[]): Fact => ({
  shape: 'left',
  what,
  names,
});

export const died = (signal: string | null, code: number | null = null, asked = false): DiedFact => ({
  shape: 'died',
  signal,
  code,
  asked,
});

/** What a guest's request wrote. */
export const written = (request: number): HeldContent => ({
  origin: `src:${request}`,
  by: { kind: 'write', request, acknowledgedUs: 1200 },
});

type Wrong = [place: string, holds: Origin | HeldContent, ...due: (Origin | HeldContent)[]];

/** Ranges as `offset+length`, what they hold, and what was due. */
export function holding(image: string, ...wrong: Wrong[]): ContentFact {
  const held = (one: Origin | HeldContent): HeldContent => (typeof one === 'string' ? { origin: one } : one);
  return {
    shape: 'content',
    of: { image, when: 'in the end' },
    wrong: wrong.map(([place, holds, ...due]) => {
      const [offsetBytes = 0, lengthBytes = 0] = place.split('+').map(Number);
      return { offsetBytes, lengthBytes, holds: held(holds), due: due.map(held) };
    }),
    more: 0,
  };
}

/** A query shows a member of job j0 that is wrong. */
export const shownWith = (member: string, value: Json, wanted: Wanted): Fact => ({
  shape: 'shown',
  query: 'query-jobs',
  what: 'member',
  job: 'j0',
  type: 'mirror',
  member,
  value,
  wanted,
});

export const figure = (
  what: { is: 'beyond'; offset: number; len: number } | WrongSpeed | TooFast | Moved | Early | Shrunk,
): Fact => ({ shape: 'figure', job: 'j0', type: 'mirror', ...what });

type WrongSpeed = { is: 'wrong speed'; speed: number; set: number[] };
type TooFast = { is: 'too fast'; len: number; speed: number; tookMs: number; leastMs: number };
type Moved = { is: 'went back' | 'moved while paused'; before: number; offset: number };
type Shrunk = { is: 'len shrank'; before: number; len: number; grainBytes: number };
type Early = { is: 'ready early'; offset: number; len: number };

/** A claim of the sequence that did not hold; scripts look at the claim itself. */
export const unclaimed: Fact = { shape: 'claim', is: 'complaint' };
