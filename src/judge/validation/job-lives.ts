import { statusChange } from '../../trace/observation.ts';
import { nowhere, type Place, type PlacedTrace } from '../../trace/place.ts';
import { lastBefore } from '../reading/trace-search.ts';

/** When each job was there, by its JOB_STATUS_CHANGE events, which come in the order of what they tell. */
export type JobLives = {
  /** Created before `from`, and not gone at `to`. */
  livesThroughout(id: string, from: Place, to: Place): boolean;
  /** Created between, and still there at `to`. */
  bornBetween(id: string, from: Place, to: Place): boolean;
  /** Any event of that job before `at`. */
  everSeen(id: string, at: Place): boolean;
};

export function jobLives(trace: PlacedTrace): JobLives {
  const lives = new Map<string, { bornAt: Place; goneAt: Place }[]>();
  for (const [at, seen] of trace.entries()) {
    const change = statusChange(seen);
    if (!change) continue;
    const known = lives.get(change.id) ?? [];
    lives.set(change.id, known);
    const last = known.at(-1);
    if (change.status === 'created' || last === undefined) {
      known.push({ bornAt: at, goneAt: nowhere });
    }
    if (change.status === 'null') (known.at(-1) as { goneAt: Place }).goneAt = at;
  }
  const bornBefore = (id: string, at: Place) => {
    const known = lives.get(id) ?? [];
    return known[lastBefore(known, at, ({ bornAt }) => bornAt)];
  };
  return {
    livesThroughout: (id, from, to) => (bornBefore(id, from)?.goneAt ?? 0) > to,
    bornBetween(id, from, to) {
      const last = bornBefore(id, to);
      return last !== undefined && last.bornAt > from && last.goneAt > to;
    },
    everSeen: (id, at) => bornBefore(id, at) !== undefined,
  };
}
