import type { ServerState } from '../../sequence/step.ts';
import { firstPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import type { Evidence } from './evidence.ts';

/**
 * Something was the matter with the server that has a disk's image, from `from` to `to` in the trace, and surely from
 * `armed` on.
 */
export type ServerTrouble = {
  disk: string;
  is: Exclude<ServerState, 'well'>;
  from: Place;
  armed: Place;
  to: Place;
};

/**
 * Read off the fault steps. It begins somewhere between a step's beginning and the line that says so. Where it is taken
 * back it still counts: clients need a while to notice, and what failed meanwhile is told later.
 */
export function serverTroubles({ trace }: Evidence): ServerTrouble[] {
  const troubles: ServerTrouble[] = [];
  let begun = opening;
  for (const [at, seen] of trace.entries()) {
    if (seen.kind === 'step') begun = at;
    if (seen.kind === 'phase') end(() => true, at);
    if (seen.kind !== 'fault' || seen.fault.fault !== 'server' || seen.outcome === 'refused') continue;
    const { disk, is } = seen.fault;
    end((trouble) => trouble.disk === disk, at);
    if (is !== 'well') troubles.push({ disk, is, from: begun, armed: at, to: nowhere });
  }
  return troubles;

  function end(ends: (trouble: ServerTrouble) => boolean, at: Place): void {
    for (const trouble of troubles) if (ends(trouble)) trouble.to = firstPlace(trouble.to, at);
  }
}

/** From this place on requests may fail because of a server. */
export const serverTroubleFrom = (evidence: Evidence): Place =>
  firstPlace(...serverTroubles(evidence).map(({ from }) => from));
