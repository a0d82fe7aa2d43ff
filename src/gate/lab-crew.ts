import type { CampaignEvent, Machine } from '../campaign/campaign-event.ts';
import type { Hunt } from '../campaign/hunt.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import type { HowToRun } from '../campaign/kept-try-outs.ts';
import type { Tried } from '../campaign/try-out.ts';
import { EnvironmentError } from '../errors.ts';
import { type Asking, askedCampaign, openAsking } from '../lab/ask.ts';
import { takeLease } from '../lab/campaign-record.ts';
import type { Connection } from '../lab/connection.ts';
import { coordinate } from '../lab/coordinate.ts';
import { machineOf } from '../lab/fleet.ts';
import { type WrittenJob, withId } from '../lab/jobs.ts';
import { limits as labLimits } from '../lab/limits.ts';
import type { Campaign, Offer } from '../lab/messages.ts';
import { type Offered, ownWorkers } from '../lab/offered.ts';
import { packSequence } from '../lab/packed.ts';
import type { LockTimes } from '../lab/queues.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Flavour } from '../trace/observation.ts';
import type { Crew, GateHunt } from './crew.ts';
import { openGateProgress } from './gate-progress.ts';
import { type GateLane, type Look, lookOf, otherOf, type Side, skipped } from './lane.ts';

export type LabCrewPlan = {
  candidate: Offered;
  baseline?: Offered;
  flavours: readonly Flavour[];
  /** What items want, so that who lacks it takes none. */
  storage: NonNullable<Campaign['storage']>;
  seed: string;
  /** Of all workers that may take items. */
  lanes: number;
  /** What is not answered by then is not waited for. */
  budgetMs: number;
  tool: { name: string; version: string };
  warn(message: string): void;
};

/**
 * The workers of a lab. Each pair of runs is done by one of them, which has both QEMUs; the hunt is a campaign of its own,
 * between the two halves of the gate. Throws EnvironmentError where somebody coordinates the lab already.
 */
export async function openLabCrew(
  connection: Connection,
  plan: LabCrewPlan,
  times: LockTimes = labLimits,
): Promise<Crew> {
  const lease = await takeLease(connection);
  const own = { renew: lease.renew, giveUp: async () => {} }; // it is given up at the end of the gate alone
  const endMs = performance.now() + plan.budgetMs;
  const progress = openGateProgress();
  const met = new Map<string, Machine>();
  let now = await open();
  let asked = 0;

  return {
    lanes: async (heard) => Array.from({ length: plan.lanes }, () => laneOf(heard)),
    hear: progress.hear,
    hunt: huntThere,
    runsDuringHunt: false,
    async machines() {
      await whoServes();
      return [...met.values()];
    },
    async close() {
      try {
        await now.asking.close();
      } finally {
        await lease.giveUp().catch(() => {});
      }
    },
  };

  async function open(): Promise<{ id: string; asking: Asking }> {
    const { tool, seed, storage, warn } = plan;
    const sides = plan.flavours.flatMap((flavour) => {
      const [candidate, baseline] = [plan.candidate[flavour]?.key, plan.baseline?.[flavour]?.key];
      return candidate === undefined ? [] : [{ candidate, ...(baseline === undefined ? {} : { baseline }) }];
    });
    const campaign = askedCampaign({ kind: 'gate', sides, storage, seed, tool });
    const asking = await openAsking(
      connection,
      { campaign, lease: own, whoServes, warn, progress: progress.now },
      times,
    );
    const late = (): void => asking.giveUp('there was no time left to decide it');
    setTimeout(late, Math.max(0, endMs - performance.now())).unref();
    return { id: campaign.id, asking };
  }

  async function whoServes(): Promise<(job: WrittenJob) => boolean> {
    const { own } = await ownWorkers(connection, plan.tool);
    for (const worker of own) met.set(worker.id, machineOf(worker));
    const able = own.map(({ offers }) =>
      offers.filter(({ storage }) => plan.storage.every((kind) => storage.includes(kind))),
    );
    return (job) =>
      job.kind === 'gate' &&
      able.some((offers) => job.runsOn.every((key) => offers.some((offer) => offer.key === key)));
  }

  /** Lanes wait meanwhile: a prefix has one campaign at a time. */
  function huntThere(hunt: HuntPlan, report: (event: CampaignEvent) => void): GateHunt {
    let hunting: Hunt | undefined;
    let isKilled = false;
    return {
      finished: huntAndComeBack(),
      async kill() {
        isKilled = true;
        await hunting?.kill();
      },
      discoveries: () => hunting?.discoveries() ?? [],
    };

    async function huntAndComeBack(): Promise<void> {
      await now.asking.close();
      try {
        const { own: workers } = await ownWorkers(connection, plan.tool);
        if (workers.length === 0) throw new EnvironmentError('no worker of the lab is left');
        if (isKilled) return;
        const wanted = plan.flavours.flatMap((flavour) => plan.candidate[flavour]?.key ?? []);
        const { storage } = plan;
        hunting = coordinate(
          { ...hunt, programs: [], wanted, flavour: 'both', storage, lease: own },
          ...([connection, report, times] as const),
        );
        await hunting.finished;
      } finally {
        if (!isKilled) now = await open();
      }
    }
  }

  function laneOf(heard: (side: Side, tried: Tried) => void): GateLane {
    let waitedMs = 0;
    return {
      async run(side, flavour, ...what) {
        const offer = offerOf(side, flavour);
        if (!offer) return skipped(`the ${side} has no ${flavour} program`);
        const [look] = await looks([side], flavour, ...what);
        return look as Look;
      },
      async pair(first, flavour, ...what) {
        const second = otherOf(first);
        const sides = [first, second].filter((side) => offerOf(side, flavour));
        const came = await looks(sides, flavour, ...what);
        const lookAt = (side: Side): Look =>
          came[sides.indexOf(side)] ?? skipped(`the ${side} has no ${flavour} program`);
        return { candidate: lookAt('candidate'), baseline: lookAt('baseline') };
      },
      waitedMs: () => waitedMs,
      close: async () => {},
      kill: async () => now.asking.giveUp('it was stopped'),
    };

    async function looks(
      sides: readonly Side[],
      flavour: Flavour,
      sequence: Sequence,
      { deadlineScale = 1, isFresh = false }: HowToRun = {},
    ): Promise<Look[]> {
      const keys = sides.map((side) => (offerOf(side, flavour) as Offer).key);
      const program = offerOf('candidate', flavour)?.key ?? '';
      const job = withId({
        ...{ kind: 'gate' as const, campaign: now.id, program, nth: ++asked },
        ...{ sequence: packSequence(sequence), runsOn: keys, deadlineScale, isFresh },
      });
      const askedMs = performance.now();
      const answer = await now.asking.ask(job);
      waitedMs += Math.max(0, performance.now() - askedMs - (answer.kind === 'none' ? 0 : answer.elapsedMs));
      if (answer.kind !== 'gate')
        return sides.map(() =>
          noAnswer(answer.kind === 'none' ? answer.why : 'the lab answered something else'),
        );
      return answer.runs.map((tried, at) => {
        if (tried.trace.length > 0) heard(sides[at] as Side, tried);
        return lookOf(tried);
      });
    }
  }

  function offerOf(side: Side, flavour: Flavour): Offer | undefined {
    return (side === 'candidate' ? plan.candidate : plan.baseline)?.[flavour];
  }
}

const noAnswer = (reason: string): Look => ({
  is: 'undecided',
  reason,
  tried: { signatures: [], violations: [], verdicts: [], trace: [], reason },
});
