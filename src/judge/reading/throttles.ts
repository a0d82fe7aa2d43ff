import { isJsonObject } from '../../sequence/json-object.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from './evidence.ts';

/**
 * Up to where a throttle may hold requests: those of the arena's disks until settling has lifted the limits of all of
 * them and drained what slept on; those that steps made themselves for ever, unless QEMU refused them. -1: there is none.
 */
export function throttledUntil(evidence: Evidence): Place | -1 {
  const known = read.get(evidence) ?? readThrottles(evidence);
  read.set(evidence, known);
  return known;
}

const read = new WeakMap<Evidence, Place | -1>();

function readThrottles(evidence: Evidence): Place | -1 {
  const { disks } = evidence.opened.sequence.arena;
  const ofArena = disks.filter(({ layers = [] }) => layers.some((layer) => 'throttle' in layer));
  if (evidence.exchanges.some((each) => isOwnThrottle(each) && !replyOf(evidence, each)?.error))
    return nowhere;
  if (ofArena.length === 0) return -1;
  const settles = evidence.trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'settle');
  if (settles === -1) return nowhere;
  const lifting = evidence.exchanges.filter(({ sent, name }) => sent > settles && name === 'qom-set');
  const isLifted = lifting.length >= ofArena.length && lifting.every((each) => isDone(evidence, each));
  const drain = evidence.exchanges.find(
    ({ sent, name, args }) =>
      sent > settles && name === 'transaction' && Array.isArray(args.actions) && args.actions.length === 0,
  );
  return isLifted && drain && isDone(evidence, drain) ? (drain.reply ?? nowhere) : nowhere;
}

const isDone = (evidence: Evidence, exchange: Exchange): boolean => {
  const reply = replyOf(evidence, exchange);
  return reply !== undefined && reply.error === undefined;
};

/** A throttle of a step's own: a group, a node, a device's limits. Faults set those of the arena's groups. */
function isOwnThrottle({ name, args, step }: Exchange): boolean {
  if (step === undefined) return false;
  if (name === 'qom-set') return !(isJsonObject(args.value) && 'bps-total' in args.value);
  return `${name} ${JSON.stringify(args)}`.includes('throttl');
}
