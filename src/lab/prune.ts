import { setTimeout as pause } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { askedCampaign, type HowFar, openAsking } from './ask.ts';
import { takeLease } from './campaign-record.ts';
import type { Connection } from './connection.ts';
import { type WrittenJob, withId } from './jobs.ts';
import { limits } from './limits.ts';
import type { Offer } from './messages.ts';
import { ownWorkers } from './offered.ts';
import { packSequence } from './packed.ts';
import type { LockTimes } from './queues.ts';

/**
 * What a sequence reaches on the QEMUs of a lab, `version feature` each. `isKnown`: it was run to its end on one of them at
 * least, and all that were asked have answered; of the rest nobody can say that it is spare.
 */
export type Reached = { features: Set<string>; isKnown: boolean };

/** Runs sequences on every program of a lab, or on those that are wanted. Throws EnvironmentError where nobody offers one. */
export async function reachedInLab(
  connection: Connection,
  plan: {
    sequences: readonly Sequence[];
    /** Labels or versions. */
    wanted: readonly string[] | undefined;
    flavour: Offer['flavour'] | 'both';
    tool: { name: string; version: string };
    warn(message: string): void;
  },
  times: LockTimes & { offerWaitMs?: number } = limits,
): Promise<Reached[]> {
  const programs = await programsOf(connection, plan, times.offerWaitMs);
  const reached = plan.sequences.map(() => ({ features: new Set<string>(), runs: 0, missing: 0 }));
  const all = plan.sequences.length * programs.length;
  const counts = { decided: 0, undecided: 0, missing: 0 };
  const campaign = askedCampaign({ kind: 'prune', tool: plan.tool });
  const lease = await takeLease(connection);
  try {
    const asking = await openAsking(
      connection,
      { campaign, lease, whoServes, progress, warn: plan.warn },
      times,
    );
    try {
      await Promise.all(
        programs.flatMap((offer) => chunks(plan.sequences).map(([from, those]) => ask(offer, from, those))),
      );
    } finally {
      await asking.close();
    }

    async function ask({ key, version }: Offer, from: number, those: readonly Sequence[]): Promise<void> {
      const sequences = those.map(packSequence);
      const job = withId({ kind: 'prune' as const, campaign: campaign.id, program: key, sequences });
      const answer = await asking.ask(job);
      for (const [i] of those.entries()) {
        const of = reached[from + i] as (typeof reached)[number];
        const came = answer.kind === 'prune' ? answer.reached[i] : undefined;
        counts[!came ? 'missing' : came.isDecided ? 'decided' : 'undecided']++;
        if (!came) of.missing++;
        else if (came.isDecided) of.runs++;
        for (const feature of came?.features ?? []) of.features.add(`${version} ${feature}`);
      }
    }
  } finally {
    await lease.giveUp().catch(() => {});
  }
  return reached.map(({ features, runs, missing }) => ({ features, isKnown: runs > 0 && missing === 0 }));

  function progress(): HowFar {
    const { decided, undecided, missing } = counts;
    const words = `${decided} decided, ${undecided} undecided${missing > 0 ? `, ${missing} without an answer` : ''}`;
    return { doing: 'running the corpus', done: decided + undecided + missing, of: all, words };
  }

  async function whoServes(): Promise<(job: WrittenJob) => boolean> {
    const { own } = await ownWorkers(connection, plan.tool);
    return ({ program }) => own.some(({ offers }) => offers.some(({ key }) => key === program));
  }
}

/** Each once; a worker that is late is waited for some seconds. */
async function programsOf(
  connection: Connection,
  of: Pick<Parameters<typeof reachedInLab>[1], 'wanted' | 'flavour' | 'tool'>,
  waitMs: number = limits.offerWaitMs,
): Promise<Offer[]> {
  const { wanted, flavour, tool } = of;
  const until = performance.now() + waitMs;
  for (;;) {
    const { own } = await ownWorkers(connection, tool);
    const fit = own
      .flatMap(({ offers }) => offers)
      .filter((offer) => flavour === 'both' || offer.flavour === flavour)
      .filter(({ label, version }) => !wanted || wanted.some((spec) => spec === label || spec === version));
    if (fit.length > 0) return [...new Map(fit.map((offer) => [offer.key, offer])).values()];
    if (performance.now() >= until)
      throw new EnvironmentError(
        `no worker at ${connection.shown} offers ${wanted?.join(' or ') ?? 'a QEMU'}`,
        'mirrorfuzz worker --queue … on a machine that has it',
      );
    await pause(250);
  }
}

function chunks(sequences: readonly Sequence[]): [from: number, those: readonly Sequence[]][] {
  const size = limits.pruneSequencesMax;
  const count = Math.ceil(sequences.length / size);
  return Array.from({ length: count }, (_, i) => [i * size, sequences.slice(i * size, (i + 1) * size)]);
}
