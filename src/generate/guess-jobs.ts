import type { JobVerb } from '../qemu/card.ts';
import { jobOf as startOf } from '../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import type { Awaited, Json } from '../sequence/step.ts';
import type { GuessedJob, GuessedNode, GuessedStatus } from './guesses.ts';
import { nameMeant } from './resolve-references.ts';

type Before = { jobs: readonly GuessedJob[]; nodes: readonly GuessedNode[]; steps: number };

/** The jobs that a command starts: none where a name in it is unknown or the job's id taken. */
export function startedBy(now: Before, command: string, args: JsonObject, announced: boolean): GuessedJob[] {
  if (command !== 'transaction') {
    const job = jobOf(now, command, args, announced, undefined);
    return job ? [job] : [];
  }
  const actions = Array.isArray(args.actions) ? args.actions.filter(isJsonObject) : [];
  const grouped = isJsonObject(args.properties) && args.properties['completion-mode'] === 'grouped';
  return actions.flatMap(({ type, data }) => {
    if (typeof type !== 'string' || !isJsonObject(data as Json)) return [];
    const job = jobOf(now, type, data as JsonObject, announced, grouped ? now.steps : undefined);
    return job ? [job] : [];
  });
}

function jobOf(
  { jobs, nodes }: Before,
  command: string,
  args: JsonObject,
  announced: boolean,
  group: number | undefined,
): GuessedJob | undefined {
  const started = startOf(command);
  const source = nameMeant(args.device);
  if (started?.kind !== 'block' || source === undefined) return undefined;
  const type = started.type as GuessedJob['type'];
  const node = nodes.find(({ name }) => name === source);
  const id = typeof args['job-id'] === 'string' ? args['job-id'] : `drive-${source}`;
  if (!node || jobs.some((other) => other.id === id)) return undefined;
  const named = nameMeant(args.target);
  const target = started.target === 'node' ? named : undefined;
  const isActive = args.top === undefined && args['top-node'] === undefined;
  const becomesReady = started.ready === 'always' || (started.ready === 'active layer' && isActive);
  // A backup without any copying of its own lasts until it is cancelled.
  const endless = type === 'backup' && args.sync === 'none';
  return {
    id,
    type,
    status: 'running',
    held: endless || isHeld(type, node, args),
    endless,
    becomesReady,
    announced,
    source,
    target,
    base: nameMeant(args['base-node'] ?? args.base),
    top: nameMeant(args['top-node'] ?? args.top),
    ending: false,
    pivots: false,
    holds: [source, ...(named === undefined ? [] : [named]), ...belowOf(nodes, source)],
    autoFinalize: args['auto-finalize'] !== false,
    autoDismiss: args['auto-dismiss'] !== false,
    writeBlocking: args['copy-mode'] === 'write-blocking',
    stopsAtErrors: ['on-error', 'on-source-error', 'on-target-error'].some((name) =>
      ['stop', 'enospc'].includes(String(args[name])),
    ),
    group,
    ageSteps: 0,
  };
}

/** A rate limit holds a job from its second chunk on: an extent, or for a backup a cluster. */
function isHeld(type: GuessedJob['type'], node: GuessedNode, args: JsonObject): boolean {
  const isLong = node.hasContent && node.sizeBytes >= 2 * chunkBytes && args.sync !== 'none';
  return isLong && isSlow(args.speed) && (type !== 'stream' || node.backing !== undefined);
}
const chunkBytes = 65_536;
const isSlow = (speed: Json | undefined): boolean =>
  typeof speed === 'number' && speed > 0 && speed <= 2 ** 20;

function belowOf(nodes: readonly GuessedNode[], name: string): string[] {
  const reached = new Set([name]);
  for (const each of reached) {
    for (const child of nodes.find((node) => node.name === each)?.children ?? []) reached.add(child);
  }
  return [...reached].slice(1);
}

/** It ends as soon as what is dirty has been flushed, which nobody can see. */
const asked = { ending: true, ageSteps: 0 };

/** The jobs once a verb for one of them has had its effect; those that are gone are left out. */
export function verbCarriedOut(
  jobs: readonly GuessedJob[],
  job: GuessedJob,
  { does, spelling }: JobVerb,
  args: JsonObject,
): GuessedJob[] {
  const { status } = job;
  const become = (changed: Partial<GuessedJob>): GuessedJob[] =>
    jobs.map((other) => (other === job ? { ...job, ...changed } : other));
  switch (does) {
    case 'pauses':
      if (status === 'running') return become({ status: 'paused' });
      return status === 'ready' ? become({ status: 'standby' }) : [...jobs];
    case 'resumes':
      // A backup that sleeps off a rate limit goes on early when it is resumed, on 7.2.
      if (status === 'paused') {
        const held = job.endless || (job.held && job.type !== 'backup');
        return become({ status: 'running', ageSteps: 0, held });
      }
      if (status !== 'standby') return [...jobs];
      return job.pivots ? finishing(jobs, job) : become({ status: 'ready' });
    case 'sets speed':
      return become({ held: job.endless || (job.held && isSlow(args.speed)), ageSteps: 0 });
    case 'changes':
      return become({ writeBlocking: true });
    case 'finishes':
      return status === 'ready' ? become(asked) : [...jobs];
    case 'finalizes':
      return status === 'pending' ? finalized(jobs, job) : [...jobs];
    case 'dismisses':
      return status === 'concluded' ? jobs.filter((other) => other !== job) : [...jobs];
    case 'cancels': {
      if (status === 'concluded') return [...jobs];
      const soft = spelling === 'block-job' && args.force !== true;
      if (soft && status === 'ready') return become(asked);
      return finalized(jobs, job);
    }
  }
}

/** Time passes: what nothing holds is READY, or has ended. */
export function elapse(
  jobs: readonly GuessedJob[],
  which: (job: GuessedJob) => boolean = () => true,
): GuessedJob[] {
  let now = [...jobs];
  for (const { id } of jobs) {
    const job = now.find((other) => other.id === id);
    if (job?.ending && job.status === 'ready' && which(job)) now = finishing(now, job);
    if (job?.status !== 'running' || job.held || !which(job)) continue;
    now = job.becomesReady
      ? now.map((other) => (other === job ? { ...job, status: 'ready' as const } : other))
      : finishing(now, job);
  }
  return now;
}

/** What an await leaves behind: the job is where it was waited for, if it could get there. */
export function awaitedBy(
  jobs: readonly GuessedJob[],
  job: GuessedJob | undefined,
  wanted: Awaited,
  isFaulty: (job: GuessedJob) => boolean,
): GuessedJob[] {
  if (job && wanted === 'paused' && job.status === 'running' && job.stopsAtErrors && isFaulty(job))
    return jobs.map((other) => (other === job ? { ...job, status: 'paused' as const } : other));
  return elapse(jobs).map((other) => ({ ...other, announced: other.announced || wanted === 'reply' }));
}

/** The work is done: what follows is waiting for the group, pending, concluded, gone. */
function finishing(jobs: readonly GuessedJob[], job: GuessedJob): GuessedJob[] {
  const group = job.group === undefined ? [job] : jobs.filter((other) => other.group === job.group);
  const done = (other: GuessedJob): boolean => other === job || other.status === 'waiting';
  if (!group.every(done)) return withStatus(jobs, [job], 'waiting');
  const byHand = group.filter(({ autoFinalize }) => !autoFinalize);
  if (byHand.length > 0) return withStatus(jobs, group, 'pending');
  return concluded(jobs, group);
}

function finalized(jobs: readonly GuessedJob[], job: GuessedJob): GuessedJob[] {
  return concluded(jobs, job.group === undefined ? [job] : jobs.filter((other) => other.group === job.group));
}

function concluded(jobs: readonly GuessedJob[], ended: readonly GuessedJob[]): GuessedJob[] {
  return withStatus(jobs, ended, 'concluded').filter(
    ({ status, autoDismiss }) => status !== 'concluded' || !autoDismiss,
  );
}

function withStatus(
  jobs: readonly GuessedJob[],
  which: readonly GuessedJob[],
  status: GuessedStatus,
): GuessedJob[] {
  const ids = which.map(({ id }) => id);
  return jobs.map((job) => (ids.includes(job.id) ? { ...job, status } : job));
}
