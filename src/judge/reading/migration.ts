import { isJsonObject } from '../../sequence/json-object.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Exchange } from './evidence.ts';

/** Whether it is seen that a migration is over, one way or the other: by its event, or by the answer to `query-migrate`. */
export function showsMigrationEnd(seen: Observation, exchange: Exchange | undefined): boolean {
  if (seen.kind === 'event') return seen.name === 'MIGRATION' && isEnd(seen.data.status);
  if (seen.kind !== 'reply' || exchange?.name !== 'query-migrate') return false;
  return isJsonObject(seen.return) && isEnd(seen.return.status);
}

/** "failing" (11.1) is on its way there. */
const isEnd = (status: unknown): boolean => /^(completed|failed|cancelled)$/.test(`${status}`);
