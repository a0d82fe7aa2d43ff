import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Mask } from '../campaign/discoveries/mask.ts';
import { openInteresting } from '../campaign/feedback/interesting.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import { asError } from '../campaign/trouble/trouble.ts';
import { openTroubles } from '../campaign/trouble/troubles.ts';
import type { ProgramPlan, Ran, ToWorker } from '../campaign/worker/worker-messages.ts';
import { UsageError } from '../errors.ts';
import type { Optional } from '../sequence/optional.ts';
import { openRunRoot } from '../target/run-dir.ts';
import type { Connection } from './connection.ts';
import { doShard } from './do-shard.ts';
import { doTask } from './do-task.ts';
import { beat, leave } from './heartbeat.ts';
import { keys, queueNames } from './keys.ts';
import { type Lane, openLane } from './lane.ts';
import { limits } from './limits.ts';
import { type Campaign, campaignSchema, type Offer, type WorkerSaid } from './messages.ts';
import { readNews } from './news.ts';
import { offerOf } from './program-key.ts';
import { propertyDigests } from './property-digests.ts';
import { type LockTimes, openQueues } from './queues.ts';
import type { WrittenResult } from './results.ts';
import { openTaking, type Taken } from './take-job.ts';

export type LabWorkerPlan = {
  programs: readonly ProgramPlan[];
  lanes: number;
  propertyFiles: readonly string[];
  tool: { name: string; version: string };
  confinement: string;
};

export type LabWorkerEvent =
  | { kind: 'offers'; offers: readonly Offer[] }
  | { kind: 'joined'; campaign: Campaign }
  | { kind: 'left' }
  | { kind: 'did'; what: string; ms: number; sequences: number }
  | { kind: 'warning'; message: string };

/** A machine at work for a lab. `finished` rejects with UsageError where it is refused, EnvironmentError where nothing works here. */
export type LabWorker = { finished: Promise<void>; stop(): Promise<void> };

type LaneState = { lane: Lane; doing: string; sinceMs: number; lastWasTask: boolean };

/** Serves whatever campaign is in the queue, one after the other, until it is stopped. */
export function work(
  plan: LabWorkerPlan,
  connection: Connection,
  report: (event: LabWorkerEvent) => void,
  {
    open = openLane,
    times = limits,
    once = false,
  }: { open?: typeof openLane; times?: LockTimes; once?: boolean } = {},
): LabWorker {
  const id = randomBytes(8).toString('hex');
  const startedAt = new Date().toISOString();
  const programs = [...plan.programs];
  const named = programs.map(({ target, flavour }) => ({ qemu: target.path, program: `QEMU ${flavour}` }));
  const troubles = openTroubles(named);
  const did = { shards: 0, tasks: 0, sequences: 0 };
  let interesting = openInteresting(campaignLimits.interestingMax);
  let masks: readonly Mask[] = [];
  let newsSince = '0';
  let campaign: Campaign | undefined;
  let hasJoined = false;
  let isOver = false;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  ended.catch(() => {});
  const lanes = Array.from(
    { length: plan.lanes },
    (): LaneState => ({
      lane: open(greetings),
      doing: 'waiting',
      sinceMs: performance.now(),
      lastWasTask: false,
    }),
  );
  const finished = serve();
  return {
    finished,
    async stop() {
      isOver = true;
      end();
      await finished.catch(() => {});
    },
  };

  async function serve(): Promise<void> {
    const offers = await Promise.all(programs.map(offerOf));
    const digests = await propertyDigests(plan.propertyFiles);
    const root = await openRunRoot();
    process.once('exit', root.remove);
    report({ kind: 'offers', offers });
    const queues = await openQueues(connection, times);
    const take = await openTaking(
      queues,
      connection,
      offers.map(({ key }) => key),
      times,
      id,
    );
    const results = queues.queue(queueNames.results);
    try {
      await attend();
      const attending = attendAll();
      await Promise.race([ended, Promise.all([attending, ...lanes.map((state, at) => laneOf(state, at))])]);
    } finally {
      isOver = true;
      await Promise.all(lanes.map(({ lane }) => lane.close()));
      // Redis may be gone: nobody waits for a farewell.
      await Promise.race([
        leave(connection, id).catch(() => {}),
        pause(goodbyeMs, undefined, { ref: false }),
      ]);
      await Promise.race([queues.close(), pause(goodbyeMs, undefined, { ref: false })]);
      root.remove();
    }

    /** Is heard, and hears what is new. */
    async function attend(): Promise<void> {
      await beat(connection, said());
      await lookAt(await connection.redis.get(keys(connection.prefix).campaign));
      if (!campaign) return;
      const read = await readNews(connection, newsSince);
      newsSince = read.since;
      for (const each of read.news) {
        if (each.kind === 'sequence') interesting.consider(each.version, { ...each, triples: {} });
        else if (each.kind === 'reported') toLanes({ ...each });
        else {
          masks = each.masks;
          toLanes({ kind: 'masks', masks });
        }
      }
    }

    async function attendAll(): Promise<void> {
      try {
        while (!isOver) {
          await pause(attendEveryMs(times), undefined, { ref: true });
          if (!isOver) await attend();
        }
      } catch (error) {
        fail(error);
      }
    }

    async function lookAt(text: string | null): Promise<void> {
      const parsed = campaignSchema.safeParse(text === null ? undefined : jsonOf(text));
      const now = parsed.success ? parsed.data : undefined;
      if (text !== null && !now)
        throw new UsageError(`the campaign at ${connection.shown} can't be read`, sameVersion);
      if (now?.id === campaign?.id && now?.epoch === campaign?.epoch) return;
      if (campaign && !now) report({ kind: 'left' });
      if (now) mustFit(now);
      // What was shown to another campaign, or was lost with Redis, has to be shown again; Redis may have been seen empty.
      if (now && hasJoined) for (const { lane } of lanes) lane.forget();
      if (now) hasJoined = true;
      campaign = now;
      newsSince = '0';
      masks = [];
      interesting = openInteresting(campaignLimits.interestingMax);
      if (now) report({ kind: 'joined', campaign: now });
    }

    function mustFit({ tool, properties }: Campaign): void {
      const own = `${plan.tool.version}, protocol ${limits.protocol}`;
      const theirs = `${tool.version}, protocol ${tool.protocol}`;
      if (own !== theirs)
        throw new UsageError(`this is mirrorfuzz ${own}, the campaign is of ${theirs}`, sameVersion);
      const other = properties.find(({ name, digest }) => digests.get(name) !== digest);
      if (other) throw new UsageError(`properties/${other.name} is not the coordinator's`, sameVersion);
    }

    function said(): WorkerSaid {
      return {
        id,
        host: hostname().slice(0, 200),
        pid: process.pid,
        tool: { ...plan.tool, protocol: limits.protocol },
        confinement: plan.confinement,
        offers: offers.filter((_, at) => !isOff(at)),
        lanes: lanes.map(({ doing, sinceMs }) => ({ doing, forMs: Math.round(performance.now() - sinceMs) })),
        ...did,
        startedAt,
      };
    }

    async function laneOf(state: LaneState, at: number): Promise<void> {
      try {
        while (!isOver) {
          const taken = campaign && (await take(at, state.lastWasTask));
          if (taken) await carryOut(state, taken);
          else if (once && campaign) return end();
          else await pause(limits.idlePollMs);
        }
      } catch (error) {
        fail(error);
      }
    }

    async function carryOut(state: LaneState, taken: Taken): Promise<void> {
      const { job } = taken;
      const at = offers.findIndex(({ key }) => key === job.program);
      const here = campaign;
      if (here?.id !== job.campaign || at === -1) return taken.done(); // of a campaign that is no more
      if (isOff(at)) return taken.giveBack();
      const begunMs = performance.now();
      setDoing(state, doingOf(job, offers[at] as Offer));
      const program = { plan: programs[at] as ProgramPlan, at };
      const isStale = (): boolean => isOver || campaign?.id !== here.id || campaign.epoch !== here.epoch;
      const came =
        job.kind === 'hunt'
          ? await doShard(job, {
              lane: state.lane,
              program,
              interesting: here.feedback ? interesting : undefined,
              ran: (ran) => met(at, ran),
              isOver: isStale,
            })
          : await doTask(job, { lane: state.lane, program, root, tool: plan.tool, isOver: isStale });
      state.lastWasTask = job.kind !== 'hunt';
      setDoing(state, 'waiting');
      if (came === undefined || isStale()) return taken.giveBack();
      const elapsedMs = performance.now() - begunMs;
      const of = { id: job.id, campaign: job.campaign, worker: id, program: job.program, elapsedMs };
      const result = { kind: 'hunt', ...came, ...of } as WrittenResult;
      // Before the job is done with: should this machine die between the two, it is done once more, and counted once.
      await results.add(job.kind, result, { jobId: job.id });
      await taken.done();
      const sequences = result.kind === 'hunt' ? result.sum.sequences : 0;
      if (job.kind === 'hunt') did.shards++;
      else did.tasks++;
      did.sequences += sequences;
      report({ kind: 'did', what: doingOf(job, offers[at] as Offer), ms: elapsedMs, sequences });
    }
  }

  function greetings(isolated: boolean): ToWorker[] {
    const { propertyFiles, tool } = plan;
    return [
      { kind: 'plan', programs, propertyFiles, tool, isolated },
      { kind: 'masks', masks: campaign?.mask ? masks : [] },
    ];
  }

  function toLanes(message: ToWorker): void {
    if (message.kind === 'masks' && !campaign?.mask) return;
    for (const { lane } of lanes) lane.send(message);
  }

  /** The machine let a sequence run, or did not: what fails again and again is used no more. */
  function met(at: number, { uses, trouble, reason }: Ran): void {
    const where = named[at];
    if (!where || (!trouble && reason !== undefined)) return;
    const { off, hopeless } = troubles.note({ ...where, uses, ...(trouble ? { trouble } : {}) });
    if (off) {
      report({ kind: 'warning', message: `${off.thing} is not used any more: ${off.reason}` });
      if (!off.thing.startsWith('QEMU ')) leaveOut(off.qemu, off.thing as Optional, off.reason);
    }
    if (hopeless) fail(asError(hopeless));
  }

  function leaveOut(qemu: string, thing: Optional, lacks: string): void {
    for (const [at, program] of programs.entries())
      if (program.target.path === qemu)
        programs[at] = { ...program, without: [...(program.without ?? []), { thing, lacks }] };
    toLanes({ kind: 'switch-off', qemu, without: { thing, lacks } });
  }

  function isOff(at: number): boolean {
    const { qemu = '', program = '' } = named[at] ?? {};
    return troubles.isOff(qemu, program);
  }
}

function setDoing(state: LaneState, doing: string): void {
  Object.assign(state, { doing, sinceMs: performance.now() });
}

function doingOf(job: Taken['job'], { label, flavour }: Offer): string {
  const on = `on ${label} ${flavour}`;
  switch (job.kind) {
    case 'hunt':
      return `hunting ${job.property} ${on}`;
    case 'shrink':
      return `shrinking ${job.finding} ${on}`;
    case 'rate':
      return `replaying ${job.finding} ${on}`;
    case 'ablate':
      return `ablating ${job.finding} ${on}`;
  }
}

const attendEveryMs = ({ lockMs }: LockTimes): number => Math.min(limits.heartbeatEveryMs, lockMs);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const goodbyeMs = 1_000;
const sameVersion = 'install the same mirrorfuzz, with the same properties, on every machine of a lab';
