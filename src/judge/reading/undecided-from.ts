import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import { type Cause, earliest, noCause } from '../why-undecided.ts';
import { isResync } from '../wire/raw-sent.ts';
import type { Evidence } from './evidence.ts';

/**
 * What a trace holds that the model can't follow: raw bytes may carry any command, HMP lines and quit act on every
 * job. From its place on, what rests on knowing all causes is undecided.
 */
export type Disturbances = {
  /** From there a job may have been touched without a command that the model reads. */
  unknown: Cause;
  /** From there QEMU was asked to end. */
  endAsked: Cause;
  /** What of both came first. */
  either: Cause;
};

const known = new WeakMap<Evidence, Disturbances>();

/** Read once for each trace, however many rules want it. */
export function disturbancesOf(evidence: Evidence): Disturbances {
  const read = known.get(evidence) ?? readDisturbances(evidence);
  known.set(evidence, read);
  return read;
}

function readDisturbances({ trace, opened }: Evidence): Disturbances {
  // A drive goes with its device, and takes jobs along (blockdev_mark_auto_del).
  const hasDrives = opened.sequence.arena.disks.some(({ legacyDrive }) => legacyDrive);
  let unknown = noCause('raw bytes');
  let endAsked = noCause('QEMU ends');
  for (const [at, seen] of trace.entries()) {
    unknown = earliest(unknown, unknownBy(seen, at, hasDrives));
    if (endsQemu(seen)) endAsked = earliest(endAsked, { why: 'QEMU ends', from: at });
  }
  return { unknown, endAsked, either: earliest(unknown, endAsked) };
}

function unknownBy(seen: Observation, at: Place, hasDrives: boolean): Cause {
  if (seen.kind === 'raw-sent' && !isResync(seen)) return { why: 'raw bytes', from: at };
  if (seen.kind === 'fault' && seen.fault.fault === 'monitor') return { why: 'another monitor', from: at };
  if (seen.kind !== 'command') return unmoved;
  if (unfollowed.has(seen.name) || (seen.name === 'device_del' && hasDrives))
    return { why: 'command not followed', from: at };
  const line = seen.args['command-line'];
  const isUnread =
    seen.name === 'human-monitor-command' &&
    typeof line === 'string' &&
    !/^(qemu-io|info|drive_add)\b/.test(line);
  return isUnread ? { why: 'HMP line', from: at } : unmoved;
}

const unmoved = noCause('raw bytes');

const endsQemu = (seen: Observation): boolean =>
  (seen.kind === 'command' && seen.name === 'quit') ||
  seen.kind === 'exit' ||
  seen.kind === 'disconnect' ||
  (seen.kind === 'fault' && seen.fault.fault === 'sigkill');

/** Commands that end or pause jobs as a side effect nobody wrote down. */
const unfollowed = new Set(['system_powerdown', 'eject', 'yank', 'x-exit-preconfig']);
