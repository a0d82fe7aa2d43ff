import { jobCommands } from '../../model/job-commands.ts';
import type { Observation } from '../../trace/observation.ts';
import { asPlace, type Place } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { JobHistory } from '../reading/job-histories.ts';

/**
 * Up to where a job was left to itself after `from`: up to `to`, or to the first thing that may hold it, QEMU itself, or
 * do to it what is waited for.
 */
export function lastAlone({ trace }: Evidence, life: JobHistory, from: Place, to: Place): Place {
  for (let i = from + 1; i < to; i++) {
    const at = asPlace(i);
    const seen = trace[at];
    if (!seen || interferes(seen, life.id)) return at;
  }
  return asPlace(Math.min(to, trace.length - 1));
}

function interferes(seen: Observation, id: string): boolean {
  switch (seen.kind) {
    case 'fault':
      return seen.fault.fault !== 'lift' && seen.fault.fault !== 'unthrottle' && seen.fault.fault !== 'room';
    case 'raw-sent':
    case 'disconnect':
    case 'exit':
    case 'restarted':
      return true;
    case 'event':
      return seen.name === 'BLOCK_JOB_ERROR';
    case 'command': {
      const verb = jobCommands[seen.name];
      if (verb) return seen.args[verb.idArgument] === id;
      return !seen.name.startsWith('query-');
    }
    default:
      return false;
  }
}
