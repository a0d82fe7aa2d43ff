import { setTimeout as pause } from 'node:timers/promises';
import { EnvironmentError, UsageError } from '../errors.ts';
import type { Flavour } from '../trace/observation.ts';
import type { Connection } from './connection.ts';
import { limits } from './limits.ts';
import type { Offer } from './messages.ts';
import { readWorkers, type WorkerStatus } from './read-campaign.ts';

/** A QEMU of the lab: in each flavour that is wanted and that workers have, what they offer. */
export type Offered = Partial<Record<Flavour, Offer>>;

/** Workers that are there and of this version. */
export async function ownWorkers(
  connection: Connection,
  tool: { version: string },
): Promise<{ own: WorkerStatus[]; others: WorkerStatus[] }> {
  const { workers } = await readWorkers(connection);
  const alive = workers.filter(({ isAlive }) => isAlive);
  const isOwn = ({ tool: theirs }: WorkerStatus): boolean =>
    theirs.version === tool.version && theirs.protocol === limits.protocol;
  return { own: alive.filter(isOwn), others: alive.filter((worker) => !isOwn(worker)) };
}

/**
 * The QEMUs that words name, by label or version, as workers offer them; a worker that is late is waited for some seconds.
 * `beside`: one worker must offer all of them, in at least one flavour. Throws UsageError where the workers that are there
 * offer something else, EnvironmentError where none is there: one line each.
 */
export async function offeredOf(
  connection: Connection,
  of: {
    words: readonly { option: string; spec: string }[];
    flavours: readonly Flavour[];
    tool: { version: string };
  },
  waitMs: number = limits.offerWaitMs,
): Promise<{ offered: Offered[]; workers: WorkerStatus[] }> {
  const until = performance.now() + waitMs;
  for (;;) {
    const { own, others } = await ownWorkers(connection, of.tool);
    const found = findIn(own, of);
    if (typeof found !== 'string') return found;
    if (performance.now() >= until) throw lacking(connection, { own, others, tool: of.tool, found });
    await pause(lookEveryMs);
  }
}

function findIn(
  workers: WorkerStatus[],
  { words, flavours }: { words: readonly { option: string; spec: string }[]; flavours: readonly Flavour[] },
): { offered: Offered[]; workers: WorkerStatus[] } | string {
  const offered: Offered[] = [];
  for (const { option, spec } of words) {
    const named = workers.flatMap(({ offers }) =>
      offers.filter(({ label, version }) => spec === label || spec === version),
    );
    if (named.length === 0) return `--${option} ${spec}: no worker offers that QEMU`;
    const keys = (flavour: Flavour) =>
      new Map(named.filter((each) => each.flavour === flavour).map((each) => [each.key, each]));
    const both = flavours.map((flavour) => [flavour, [...keys(flavour).values()]] as const);
    if (both.some(([, each]) => each.length > 1))
      throw new UsageError(
        `--${option} ${spec}: workers offer different programs by that name`,
        'give them labels of their own, or start those workers with one build',
      );
    offered.push(Object.fromEntries(both.flatMap(([flavour, [offer]]) => (offer ? [[flavour, offer]] : []))));
  }
  const able = workers.filter((worker) => flavours.some((flavour) => hasAll(worker, offered, flavour)));
  if (able.length === 0)
    return `no worker offers ${words.map(({ spec }) => spec).join(' and ')} together, and they are compared on one machine`;
  return { offered, workers: able };
}

/** The first is there in that flavour, and so are those of the others that the lab has in it. */
const hasAll = ({ offers }: WorkerStatus, [first, ...others]: Offered[], flavour: Flavour): boolean =>
  first?.[flavour] !== undefined &&
  [first, ...others].every((each) => {
    const offer = each[flavour];
    return offer === undefined || offers.some(({ key }) => key === offer.key);
  });

function lacking(
  { shown }: Connection,
  of: { own: WorkerStatus[]; others: WorkerStatus[]; tool: { version: string }; found: string },
): UsageError | EnvironmentError {
  const [other] = of.others;
  if (of.own.length === 0 && other)
    return new EnvironmentError(
      `no worker at ${shown} is of mirrorfuzz ${of.tool.version}, protocol ${limits.protocol}: ${other.host} has ${other.tool.version}, protocol ${other.tool.protocol}`,
      'install the same mirrorfuzz on every machine of a lab',
    );
  if (of.own.length === 0)
    return new EnvironmentError(
      `no worker is at ${shown}`,
      'mirrorfuzz worker --queue … on a machine with QEMU',
    );
  const there = new Set(of.own.flatMap(({ offers }) => offers.map(({ label }) => label)));
  return new UsageError(of.found, `there is ${[...there].sort().join(', ')}`);
}

const lookEveryMs = 250;
