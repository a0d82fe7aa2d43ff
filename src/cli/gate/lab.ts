import { UsageError } from '../../errors.ts';
import type { Crew } from '../../gate/crew.ts';
import type { Sides } from '../../gate/lane.ts';
import type { Connection } from '../../lab/connection.ts';
import type { Offered } from '../../lab/offered.ts';
import type { WorkerStatus } from '../../lab/read-campaign.ts';
import type { StorageKind } from '../../sequence/arena.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import type { Flavour } from '../../trace/observation.ts';
import { tool } from '../options.ts';
import type { Planned, SidesAsked, SidesThere } from './plan.ts';

/** A lab whose workers carry out a gate: this machine needs no QEMU. Loaded where there is a queue, and nowhere else. */
export type GateLab = {
  connection: Connection;
  /** Throws UsageError or EnvironmentError, a line, where no worker has what is asked for. */
  sides(of: SidesAsked): Promise<SidesThere>;
  crew(plan: Planned, warn: (message: string) => void): Promise<Crew>;
};

export async function openGateLab(queue: string, print: (text: string) => void): Promise<GateLab> {
  const { openConnection } = await import('../../lab/connection.ts');
  const { parseQueueUrl } = await import('../../lab/queue-url.ts');
  const { offeredOf } = await import('../../lab/offered.ts');
  const { openLabCrew } = await import('../../gate/lab-crew.ts');
  const connection = await openConnection(parseQueueUrl(queue), (why) =>
    print(why === undefined ? 'Redis is there again' : `Redis is gone (${why}); it is waited for`),
  );
  let offered: Offered[] = [];
  return {
    connection,
    async sides(asked) {
      const words = [
        { option: 'candidate', spec: asked.candidate },
        ...(asked.baseline === undefined ? [] : [{ option: 'baseline', spec: asked.baseline }]),
      ];
      const flavours = asked.flavour === 'both' ? (['system', 'daemon'] as const) : [asked.flavour];
      const there = await offeredOf(connection, { words, flavours, tool });
      offered = there.offered;
      const [candidate = {}, baseline] = offered;
      const keys = Object.values(candidate).map(({ key }) => key);
      const storage = asked.storage ?? sharedStorage(there.workers, keys);
      const able = there.workers.filter((worker) => hasStorage(worker, keys, storage));
      if (able.length === 0)
        throw new UsageError(
          `--storage ${storage.join(',')}: no worker that has ${asked.candidate} offers it`,
          `there is ${sharedStorage(there.workers, keys).join(', ')}`,
        );
      const target = targetOf(candidate);
      const sides: Sides = { candidate: target, ...(baseline ? { baseline: targetOf(baseline) } : {}) };
      return {
        sides,
        programs: flavours
          .filter((flavour) => candidate[flavour])
          .map((flavour) => ({ target, flavour, storage })),
        workers: able.reduce((sum, { lanes }) => sum + lanes.length, 0),
      };
    },
    crew(plan, warn) {
      const [candidate = {}, baseline] = offered;
      return openLabCrew(connection, {
        candidate,
        ...(baseline ? { baseline } : {}),
        flavours: plan.flavours,
        storage: [...(plan.hunt.programs[0]?.storage ?? [])],
        ...{ seed: plan.hunt.seed, lanes: plan.workers, budgetMs: plan.division.budgetMs, tool, warn },
      });
    },
  };
}

/** What every worker that has the candidate offers: whoever takes an item can run it. */
function sharedStorage(workers: readonly WorkerStatus[], keys: readonly string[]): StorageKind[] {
  const all = workers.flatMap(({ offers }) => offers.filter(({ key }) => keys.includes(key)));
  return (all[0]?.storage ?? []).filter((kind) => all.every(({ storage }) => storage.includes(kind)));
}

const hasStorage = (
  { offers }: WorkerStatus,
  keys: readonly string[],
  wanted: readonly StorageKind[],
): boolean =>
  offers.some(({ key, storage }) => keys.includes(key) && wanted.every((kind) => storage.includes(kind)));

/** What the result names as the QEMU. It is never started here. */
function targetOf(offered: Offered): QemuTarget {
  const [first] = Object.values(offered);
  const { label = '', version = '', path = '' } = first ?? {};
  const programs = Object.entries(offered).map(
    ([flavour, offer]) => [flavour as Flavour, { argv: [offer.path], env: {} }] as const,
  );
  return { label, version, path, origin: 'fetched', ...Object.fromEntries(programs) };
}
