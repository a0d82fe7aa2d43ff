import { countedBy, type Inject } from '../../sequence/arena.ts';
import type { Json } from '../../sequence/step.ts';

/** A blkdebug node over `image` that gives these errors; its rules can't be changed once it is open. */
export function blkdebug(name: string, image: string, errors: readonly Inject[]): Record<string, Json> {
  const counting = errors.flatMap(statesUpTo);
  return {
    driver: 'blkdebug',
    'node-name': name,
    image,
    'inject-error': errors.flatMap(errorRules),
    ...(counting.length > 0 ? { 'set-state': counting } : {}),
  };
}

/** `event` is mandatory even where `iotype` selects the requests; "none" has come as soon as the node is open. */
function errorRules(error: Inject): Json[] {
  const { iotype, once, immediately, nth } = error;
  const rule: Record<string, Json> = {
    event: eventOf(error),
    errno: errnoNumber[error.errno],
    ...(iotype === undefined ? {} : { iotype }),
    ...(once === undefined ? {} : { once }),
    ...(immediately === undefined ? {} : { immediately }),
    ...(nth === undefined ? {} : { state: nth }),
  };
  const sectors = sectorsOf(error);
  return sectors.length === 0 ? [rule] : sectors.map((sector) => ({ ...rule, sector }));
}

function sectorsOf({ sector, sectors }: Inject): number[] {
  if (sector !== undefined) return [sector];
  const [first, count] = sectors ?? [0, 0];
  return Array.from({ length: count }, (_, i) => first + i);
}

/** blkdebug starts in state 1; each event moves it on by one, so that the Nth finds state N. */
function statesUpTo(error: Inject): Json[] {
  return Array.from({ length: (error.nth ?? 1) - 1 }, (_, i) => ({
    event: eventOf(error),
    state: i + 1,
    new_state: i + 2,
  }));
}

const eventOf = ({ event, iotype, nth }: Inject): string =>
  event ?? (nth === undefined ? undefined : countedBy(iotype)) ?? 'none';

const errnoNumber = { EPERM: 1, EIO: 5, ENOSPC: 28 } as const;
