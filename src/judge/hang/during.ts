import { cardOf, jobOf } from '../../qemu/cards.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { During } from '../facts/lacking.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { busyTypesAt, endingJobsAt, jobAt } from '../reading/live-jobs.ts';

/** What QEMU was at when a command was not answered. */
export function during(evidence: Evidence, exchange: Exchange | undefined, at: Place): During {
  const id = exchange?.args.device ?? exchange?.args.id;
  const job = typeof id === 'string' ? jobAt(evidence, at, id) : undefined;
  const begins = exchange && begunBy(exchange);
  return {
    ...(begins && begins.length > 0 ? { begins } : {}),
    ...(job ? { job } : {}),
    ending: endingJobsAt(evidence, at),
    busy: busyTypesAt(evidence, at),
  };
}

function begunBy({ name, args }: Exchange): string[] {
  if (name === 'transaction') return [...new Set(actionsOf(args.actions).flatMap(jobTypeOf))].sort();
  const opens = cardOf(name)?.change?.kind === 'adds node';
  return opens && typeof args.driver === 'string' ? [args.driver] : [];
}

const actionsOf = (actions: Json | undefined): string[] =>
  Array.isArray(actions) ? actions.filter(isJsonObject).map(({ type }) => `${type}`) : [];

const jobTypeOf = (command: string): string[] => {
  const job = jobOf(command);
  return job ? [job.type] : [];
};
