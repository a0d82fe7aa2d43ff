import { isResync } from '../wire/raw-sent.ts';
import type { Evidence } from './evidence.ts';

/**
 * What a trace holds that the model can't follow: raw bytes may carry any command, HMP lines and quit act on every
 * job. From its place on, what rests on knowing all causes is undecided.
 */
export type Disturbances = {
  /** First place from which a job may have been touched without a command that the model reads; Infinity for none. */
  unknownFrom: number;
  /** First place at which QEMU was asked to end. */
  endAskedFrom: number;
};

const known = new WeakMap<Evidence, Disturbances>();

/** Read once for each trace, however many rules want it. */
export function disturbancesOf(evidence: Evidence): Disturbances {
  const read = known.get(evidence) ?? readDisturbances(evidence);
  known.set(evidence, read);
  return read;
}

function readDisturbances({ trace }: Evidence): Disturbances {
  let unknownFrom = Number.POSITIVE_INFINITY;
  let endAskedFrom = Number.POSITIVE_INFINITY;
  for (const [at, seen] of trace.entries()) {
    if (seen.kind === 'raw-sent' && !isResync(seen)) unknownFrom = Math.min(unknownFrom, at);
    if (seen.kind === 'command') {
      const line = seen.args['command-line'];
      if (seen.name === 'quit') endAskedFrom = Math.min(endAskedFrom, at);
      if (
        seen.name === 'human-monitor-command' &&
        typeof line === 'string' &&
        !/^(qemu-io|info|drive_add)\b/.test(line)
      ) {
        unknownFrom = Math.min(unknownFrom, at);
      }
      if (unfollowed.has(seen.name)) unknownFrom = Math.min(unknownFrom, at);
    }
    if (seen.kind === 'exit' || seen.kind === 'disconnect') endAskedFrom = Math.min(endAskedFrom, at);
    if (seen.kind === 'fault' && seen.fault.fault === 'sigkill') endAskedFrom = Math.min(endAskedFrom, at);
  }
  return { unknownFrom, endAskedFrom };
}

/** Commands that end or pause jobs as a side effect nobody wrote down. */
const unfollowed = new Set([
  'stop',
  'migrate',
  'system_reset',
  'system_powerdown',
  'eject',
  'device_del',
  'yank',
  'x-exit-preconfig',
]);
