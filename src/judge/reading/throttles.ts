import { cardOf, isQuestion } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import { mayLimit } from '../../sequence/slowing.ts';
import type { Step } from '../../sequence/step.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from './evidence.ts';

/**
 * Up to where a throttle may hold requests: those of the arena's disks until settling has lifted the limits of all of
 * them and drained what slept on; those that steps made themselves until they are taken back. -1: there is none.
 */
export function throttledUntil(evidence: Evidence): Place | -1 {
  const known = read.get(evidence) ?? readThrottles(evidence);
  read.set(evidence, known);
  return known;
}

const read = new WeakMap<Evidence, Place | -1>();

function readThrottles(evidence: Evidence): Place | -1 {
  const { steps } = evidence.opened.sequence;
  const own = evidence.exchanges.filter(
    (each) => isOwnThrottle(each, steps) && !replyOf(evidence, each)?.error,
  );
  const ends = [ofArenaUntil(evidence), ...own.map((each) => takenBackAt(evidence, each))];
  return ends.reduce((last, each) => (each > last ? each : last));
}

function ofArenaUntil(evidence: Evidence): Place | -1 {
  const { disks } = evidence.opened.sequence.arena;
  const ofArena = disks.filter(({ layers = [] }) => layers.some((layer) => 'throttle' in layer));
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

/**
 * A throttle of a step's own: a node, limits of a device or a group, a line for HMP that names one. Faults set those of
 * the arena's groups. That a node is called after one makes none, and a group without members holds nothing.
 */
function isOwnThrottle({ name, args, step }: Exchange, steps: readonly Step[]): boolean {
  if (step === undefined || isQuestion(name) || name === 'object-add' || name === 'object-del') return false;
  const made = steps[step];
  if (name === 'qom-set') return made !== undefined && 'qmp' in made && ofGroups.test(`${args.property}`);
  return mayLimit({ qmp: name, args }) && !isWithoutLimits(name, args);
}

/** block/throttle-groups.c: what limits a group. */
const ofGroups = /^(limits|x-(bps|iops)-.*)$/;

/**
 * A device is without limits once all that can be set are 0 (blockdev.c, blk_io_limits_disable, drains it), unless it
 * shares them with a group; a node that throttles is gone when it is deleted. What else there is nobody takes back.
 */
function takenBackAt(evidence: Evidence, throttle: Exchange): Place {
  const { name, args, sent } = throttle;
  const isTakenBack = (later: Exchange): boolean => {
    if (name === 'blockdev-add')
      return later.name === 'blockdev-del' && later.args['node-name'] === args['node-name'];
    const isSameDevice = later.args.device === args.device && later.args.id === args.id;
    return isSameDevice && args.group === undefined && isWithoutLimits(later.name, later.args);
  };
  if (name === 'blockdev-add' ? args.driver !== 'throttle' : !cardOf(name)?.limitsRequests) return nowhere;
  const back = evidence.exchanges.find(
    (later) => later.sent > sent && isTakenBack(later) && isDone(evidence, later),
  );
  return back?.reply ?? nowhere;
}

/** include/qemu/throttle.h, throttle_enabled: an average that is not 0. */
const isWithoutLimits = (name: string, args: JsonObject): boolean =>
  cardOf(name)?.limitsRequests === true &&
  ['bps', 'bps_rd', 'bps_wr', 'iops', 'iops_rd', 'iops_wr'].every((limit) => args[limit] === 0);
