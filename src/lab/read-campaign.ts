import type { z } from 'zod';
import type { Connection } from './connection.ts';
import { keys, queueNames } from './keys.ts';
import { limits } from './limits.ts';
import {
  type Asked,
  askedSchema,
  type Campaign,
  campaignSchema,
  type Progress,
  progressSchema,
  type WorkerSaid,
  workerSchema,
} from './messages.ts';

/** A campaign as the queue shows it now; `campaign` is undefined where none is. */
export type CampaignStatus = {
  campaign?: Campaign;
  /** The coordinator's figures as it wrote them last. */
  progress?: Progress;
  /** Of a gate or a prune: how far it is. */
  asked?: Asked;
  /** The coordinator has written within the last seconds. */
  isCoordinated: boolean;
  workers: WorkerStatus[];
  queues: QueueDepth[];
  /** What is in Redis and can't be read: somebody else's, or of another version. */
  complaints: string[];
};

/** `silentMs`: since it was last heard, by Redis's clock. */
export type WorkerStatus = WorkerSaid & { isAlive: boolean; silentMs: number };

/** Jobs of one queue. `active`: a worker has them. */
export type QueueDepth = { name: string; waiting: number; active: number; delayed: number; failed: number };

/** A few commands in one go; cheap enough to be asked every second. Writes nothing. */
export async function readCampaign(connection: Connection): Promise<CampaignStatus> {
  const { redis, prefix } = connection;
  const at = keys(prefix);
  const [campaignText, progressText, askedText, coordinator, { workers, complaints }] = await Promise.all([
    redis.get(at.campaign),
    redis.get(at.progress),
    redis.get(at.asked),
    redis.exists(at.coordinator),
    readWorkers(connection),
  ]);
  const complain = (complaint: string): void => void complaints.push(complaint);
  const campaign = read(campaignSchema, campaignText, 'the campaign', complain);
  const progress = read(progressSchema, progressText, 'its figures', complain);
  const asked = read(askedSchema, askedText, 'how far it is', complain);
  const offered = [...workers.flatMap(({ offers }) => offers), ...(progress?.programs ?? [])];
  const programs = new Set(offered.map(({ key }) => key));
  const ofHunts = [...programs].flatMap((key) => [queueNames.hunt(key), queueNames.task(key)]);
  const names = [...ofHunts, ...(campaign?.sides ?? []).map(({ candidate }) => queueNames.gate(candidate))];
  return {
    ...(campaign ? { campaign } : {}),
    ...(progress ? { progress } : {}),
    ...(asked && asked.campaign === campaign?.id ? { asked } : {}),
    isCoordinated: coordinator === 1,
    workers,
    queues: await Promise.all([...names, queueNames.results].map(depthOf)),
    complaints,
  };

  /** By BullMQ's own lists: opening a Queue for each would be a connection's worth of scripts only to count. */
  async function depthOf(name: string): Promise<QueueDepth> {
    const of = (kind: string): string => `${prefix}:${name}:${kind}`;
    const [wait, prioritized, active, delayed, failed] = await Promise.all([
      redis.llen(of('wait')),
      redis.zcard(of('prioritized')),
      redis.llen(of('active')),
      redis.zcard(of('delayed')),
      redis.zcard(of('failed')),
    ]);
    return { name, waiting: wait + prioritized, active, delayed, failed };
  }
}

/** Every worker that was heard in the last hour; the living first. */
export async function readWorkers({
  redis,
  prefix,
}: Connection): Promise<{ workers: WorkerStatus[]; complaints: string[] }> {
  const at = keys(prefix);
  const [said, heard, [seconds]] = await Promise.all([
    redis.hgetall(at.workersSaid),
    redis.zrange(at.workers, '0', '-1', 'WITHSCORES'),
    redis.time(),
  ]);
  const complaints: string[] = [];
  const lastHeard = new Map<string, number>();
  for (let i = 0; i + 1 < heard.length; i += 2) lastHeard.set(heard[i] as string, Number(heard[i + 1]));
  const workers = Object.entries(said).flatMap(([id, text]): WorkerStatus[] => {
    const what = `worker ${id.slice(0, 16)}`;
    const worker = read(workerSchema, text, what, (complaint) => void complaints.push(complaint));
    if (!worker) return [];
    const silentMs = Math.max(0, (Number(seconds) - (lastHeard.get(id) ?? 0)) * 1000);
    return [{ ...worker, silentMs, isAlive: silentMs < limits.heartbeatLifeMs }];
  });
  return { workers: workers.sort(livingFirst), complaints };
}

const livingFirst = (a: WorkerStatus, b: WorkerStatus): number =>
  Number(b.isAlive) - Number(a.isAlive) || a.host.localeCompare(b.host) || a.pid - b.pid;

function read<T>(
  schema: z.ZodType<T>,
  text: string | null,
  what: string,
  complain: (complaint: string) => void,
): T | undefined {
  if (text === null) return undefined;
  const value = text.length > limits.statusBytesMax ? undefined : parsed(text);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  complain(`${what} can't be read: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
