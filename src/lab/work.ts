import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProgramPlan, ToWorker } from '../campaign/worker/worker-messages.ts';
import { openRunRoot } from '../target/run-dir.ts';
import { openAttendance } from './attendance.ts';
import type { Connection } from './connection.ts';
import { doShard } from './do-shard.ts';
import { doTask } from './do-task.ts';
import { leave } from './heartbeat.ts';
import { queueNames } from './keys.ts';
import { openLane } from './lane.ts';
import { limits } from './limits.ts';
import type { Campaign, Offer, WorkerSaid } from './messages.ts';
import { doingOf, type OwnLane, openOwnLane } from './own-lane.ts';
import { openOwnPrograms } from './own-programs.ts';
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
  const did = { shards: 0, tasks: 0, sequences: 0 };
  let isOver = false;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  ended.catch(() => {});
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
    const offers = await Promise.all(plan.programs.map(offerOf));
    const digests = await propertyDigests(plan.propertyFiles);
    const root = await openRunRoot();
    const programs = openOwnPrograms(plan.programs, {
      ...{ offers, toLanes, hopeless: fail },
      warn: (message) => report({ kind: 'warning', message }),
    });
    const attendance = openAttendance(connection, {
      ...{ tool: plan.tool, digests, said, toLanes },
      joined: (campaign) => report({ kind: 'joined', campaign }),
      left() {
        report({ kind: 'left' });
        for (const own of lanes) if (!own.isBusy()) own.letGo().catch(fail);
      },
      forget() {
        for (const { lane } of lanes) lane.forget();
      },
    });
    const lanes = Array.from({ length: plan.lanes }, () =>
      openOwnLane(open(greetings), { root, tool: plan.tool }),
    );
    report({ kind: 'offers', offers });
    const queues = await openQueues(connection, times);
    const take = await openTaking(
      ...([queues, connection, offers.map(({ key }) => key), times, id] as const),
    );
    const results = queues.queue(queueNames.results);
    try {
      await attendance.attend();
      await Promise.race([ended, Promise.all([attendAll(), ...lanes.map(laneOf)])]);
    } finally {
      isOver = true;
      await Promise.all(lanes.map((own) => own.stop()));
      // Redis may be gone: nobody waits for a farewell.
      await Promise.race([
        leave(connection, id).catch(() => {}),
        pause(goodbyeMs, undefined, { ref: false }),
      ]);
      await Promise.race([queues.close(), pause(goodbyeMs, undefined, { ref: false })]);
      root.remove();
    }

    async function attendAll(): Promise<void> {
      try {
        while (!isOver) {
          await pause(attendEveryMs(times), undefined, { ref: true });
          if (!isOver) await attendance.attend();
        }
      } catch (error) {
        fail(error);
      }
    }

    function said(): WorkerSaid {
      return {
        id,
        host: hostname().slice(0, 200),
        pid: process.pid,
        tool: { ...plan.tool, protocol: limits.protocol },
        confinement: plan.confinement,
        offers: [...programs.offers()],
        lanes: lanes.map((own) => own.said()),
        ...did,
        startedAt,
      };
    }

    function greetings(isolated: boolean): ToWorker[] {
      const { propertyFiles, tool } = plan;
      return [
        { kind: 'plan', programs: programs.plans(), propertyFiles, tool, isolated },
        attendance.greeting(),
      ];
    }

    function toLanes(message: ToWorker): void {
      for (const { lane } of lanes) lane.send(message);
    }

    async function laneOf(own: OwnLane, at: number): Promise<void> {
      try {
        while (!isOver) {
          const campaign = attendance.campaign();
          const gates = programs.gates(campaign);
          const taken = campaign && (await take(at, own.lastWasTask, gates));
          if (taken) await carryOut(own, taken);
          else if (once && campaign) return end();
          else await pause(gates.length > 0 ? limits.gatePollMs : limits.idlePollMs);
        }
      } catch (error) {
        fail(error);
      }
    }

    async function carryOut(own: OwnLane, taken: Taken): Promise<void> {
      const { job } = taken;
      const at = offers.findIndex(({ key }) => key === job.program);
      const offer = offers[at];
      const isCurrent = await attendance.isOf(job.campaign);
      const here = attendance.campaign();
      if (!isCurrent || !here || !offer) return taken.done(); // of a campaign that is no more
      if (programs.isOff(at)) return taken.giveBack();
      const isStale = (): boolean => {
        const now = attendance.campaign();
        return isOver || now?.id !== here.id || now.epoch !== here.epoch;
      };
      const begunMs = performance.now();
      own.begin(job, offer);
      const came = await cameOf(own, { taken, at, here, isStale });
      own.end();
      own.lastWasTask = job.kind !== 'hunt';
      if (attendance.campaign()?.id !== here.id) await own.letGo();
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
      report({ kind: 'did', what: doingOf(job, offer), ms: elapsedMs, sequences });
    }

    async function cameOf(
      own: OwnLane,
      of: { taken: Taken; at: number; here: Campaign; isStale(): boolean },
    ) {
      const { taken, at, here, isStale } = of;
      const { job } = taken;
      const on = { lane: own.lane, program: { plan: programs.plans()[at] as ProgramPlan, at } };
      if (job.kind === 'hunt')
        return doShard(job, {
          ...on,
          interesting: here.feedback ? attendance.interesting() : undefined,
          ran: (ran) => programs.met(at, ran),
          isOver: isStale,
        });
      const { planOf } = programs;
      try {
        return await doTask(job, {
          ...on,
          planOf,
          tryOuts: own.tryOuts(),
          root,
          tool: plan.tool,
          isOver: isStale,
        });
      } catch (error) {
        // Sessions that are killed break what is run in them.
        if (isStale()) return undefined;
        throw error;
      }
    }
  }
}

const attendEveryMs = ({ lockMs }: LockTimes): number => Math.min(limits.heartbeatEveryMs, lockMs);

const goodbyeMs = 1_000;
