import type { Machine } from '../campaign/campaign-event.ts';
import type { ProgramPlan } from '../campaign/worker/worker-messages.ts';
import type { Connection } from './connection.ts';
import { limits } from './limits.ts';
import type { Offer } from './messages.ts';
import { readWorkers, type WorkerStatus } from './read-campaign.ts';

/** The workers that are there, and the programs that they offer to this campaign. */
export type Fleet = {
  /** Asks Redis; returns the programs that are new. */
  look(): Promise<Offer[]>;
  lanes(program?: string): number;
  /** By the number that discoveries know them by. */
  keyOf(program: number): string;
  numberOf(key: string): number;
  keys(): readonly string[];
  plan(key: string): ProgramPlan | undefined;
  /** All that were there at some time. */
  machines(): Machine[];
};

/** `programs` grows with what is offered. `wanted`: labels, versions or keys; everything where there are none. */
export function openFleet(
  connection: Connection,
  plan: {
    programs: ProgramPlan[];
    wanted: readonly string[] | undefined;
    flavour: 'system' | 'daemon' | 'both';
    tool: { version: string };
  },
  warn: (message: string) => void,
): Fleet {
  const keys: string[] = [];
  const met = new Map<string, Machine>();
  let alive: WorkerStatus[] = [];

  return {
    async look() {
      const { workers, complaints } = await readWorkers(connection);
      for (const complaint of complaints) warn(complaint);
      alive = workers.filter((worker) => worker.isAlive && isOurs(worker));
      for (const worker of alive) met.set(worker.id, machineOf(worker));
      const fresh = alive
        .flatMap(({ offers }) => offers)
        .filter((offer) => isWanted(offer) && !keys.includes(offer.key));
      const once = fresh.filter(({ key }, i) => fresh.findIndex((other) => other.key === key) === i);
      for (const offer of once) {
        keys.push(offer.key);
        plan.programs.push(programOf(offer));
      }
      return once;
    },
    lanes(program) {
      const those = alive.filter(({ offers }) =>
        offers.some(({ key }) => (program ? key === program : keys.includes(key))),
      );
      return those.reduce((sum, { lanes }) => sum + lanes.length, 0);
    },
    keyOf: (program) => keys[program] as string,
    numberOf: (key) => keys.indexOf(key),
    keys: () => keys,
    plan: (key) => plan.programs[keys.indexOf(key)],
    machines: () => [...met.values()],
  };

  function isWanted({ key, label, version, flavour }: Offer): boolean {
    if (plan.flavour !== 'both' && plan.flavour !== flavour) return false;
    return plan.wanted === undefined || plan.wanted.some((spec) => [key, label, version].includes(spec));
  }

  function isOurs({ tool, host, id }: WorkerStatus): boolean {
    if (tool.version === plan.tool.version && tool.protocol === limits.protocol) return true;
    warn(
      `worker ${id} on ${host} is of mirrorfuzz ${tool.version}, protocol ${tool.protocol}, and gets nothing to do: this is ${plan.tool.version}, protocol ${limits.protocol}`,
    );
    return false;
  }
}

export const machineOf = ({
  id,
  host,
  lanes,
  confinement,
  offers,
  shards,
  tasks,
  sequences,
}: WorkerStatus): Machine => ({
  ...{ id, host, lanes: lanes.length, confinement, shards, tasks, sequences },
  qemu: offers.map(({ label, flavour }) => `${label} ${flavour}`),
});

/** What findings name as the QEMU that showed them. It is never started here. */
const programOf = ({ label, version, path, flavour, storage }: Offer): ProgramPlan => ({
  target: { label, version, path, origin: 'fetched' },
  flavour,
  storage,
});
