import { noSuchCommand } from '../qemu/no-such-command.ts';
import type { Observation, Trace } from '../trace/observation.ts';

/** What QEMU says that it does not know: a command, an argument, a driver. */
export function lackingIn(trace: Trace): string[] {
  const sent = new Map<unknown, string>();
  return trace.flatMap((seen) => {
    if (seen.kind === 'command') sent.set(seen.id, seen.name);
    return seen.kind === 'reply' ? (lackOf(seen, sent.get(seen.id)) ?? []) : [];
  });
}

function lackOf({ error }: Extract<Observation, { kind: 'reply' }>, command: string | undefined) {
  if (!error || command === undefined || command === noSuchCommand) return undefined;
  if (error.class === 'CommandNotFound') return `no ${command}`;
  const unknown = unknownThings.find((pattern) => pattern.test(error.desc));
  return unknown === undefined ? undefined : `${command}: ${error.desc}`;
}

/** QAPI's visitor, and bdrv_open of a driver that was not built in. */
const unknownThings = [
  /^Parameter '.*' is unexpected$/,
  /^Invalid parameter '.*'$/,
  /does not accept value '/,
  /^Unknown driver '/,
];

/** It never came to the steps, since QEMU, or this program of it, can't be made ready for them. */
export const isNoRun = (trace: Trace): boolean =>
  !trace.some((seen) => seen.kind === 'phase' && seen.phase === 'steps');
