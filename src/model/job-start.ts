import { jobOf, withPart } from '../qemu/cards.ts';
import { isJsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';

/** What a job was started with, as far as its conduct depends on it. */
export type JobOptions = {
  /** As events and queries call it; undefined where the start was not seen. */
  type: string | undefined;
  autoFinalize: boolean | undefined;
  autoDismiss: boolean | undefined;
  speed: number | undefined;
  onSourceError: string | undefined;
  onTargetError: string | undefined;
  /** Part of a transaction whose jobs end together. */
  grouped: boolean;
  bufSizeBytes: number | undefined;
};

export const unknownOptions: JobOptions = {
  type: undefined,
  autoFinalize: undefined,
  autoDismiss: undefined,
  speed: undefined,
  onSourceError: undefined,
  onTargetError: undefined,
  grouped: false,
  bufSizeBytes: undefined,
};

const jobs = withPart('job').map(([, job]) => job);

/** The others have no BLOCK_JOB_ event, no speed and no policy, and are always dismissed by hand. */
export const isBlockJobType = (type: string): boolean =>
  !jobs.some((job) => job.kind === 'plain' && job.type === type);

export const isJobType = (type: string): boolean => jobs.some((job) => job.type === type);

/** A mirror to a node that is there, whose size and content may be known. */
export const mirrorsOntoNode = (command: string): boolean => {
  const job = jobOf(command);
  return job?.type === 'mirror' && job.target === 'node';
};

export const isJobStart = (command: string): boolean => jobOf(command) !== undefined;

/** The options of the job `id` that this command started, defaults filled in (qapi/block-core.json). */
export function jobOptions(command: string, args: Record<string, Json>, id: string): JobOptions {
  if (command === 'transaction') return fromTransaction(args, id);
  const job = jobOf(command);
  if (!job) return unknownOptions;
  const { type, kind } = job;
  if (kind === 'plain') return { ...unknownOptions, type, autoFinalize: true, autoDismiss: false };
  const policy = (name: string): string | undefined => text(args[name] ?? 'report');
  return {
    type,
    autoFinalize: flag(args['auto-finalize']),
    autoDismiss: flag(args['auto-dismiss']),
    speed: args.speed === undefined ? 0 : typeof args.speed === 'number' ? args.speed : undefined,
    onSourceError: policy(job.onError === 'one' ? 'on-error' : 'on-source-error'),
    onTargetError: policy(job.onError === 'one' ? 'on-error' : 'on-target-error'),
    grouped: false,
    bufSizeBytes: typeof args['buf-size'] === 'number' ? args['buf-size'] : undefined,
  };
}

function fromTransaction(args: Record<string, Json>, id: string): JobOptions {
  const actions = Array.isArray(args.actions) ? args.actions : [];
  const properties = isJsonObject(args.properties) ? args.properties : {};
  const grouped = properties['completion-mode'] === 'grouped';
  for (const action of actions) {
    if (!isJsonObject(action) || typeof action.type !== 'string' || !isJsonObject(action.data)) continue;
    const named = action.data['job-id'] ?? action.data.device;
    if (named === id) return { ...jobOptions(action.type, action.data, id), grouped };
  }
  return { ...unknownOptions, grouped };
}

const flag = (value: Json | undefined): boolean | undefined =>
  value === undefined ? true : typeof value === 'boolean' ? value : undefined;
const text = (value: Json): string | undefined => (typeof value === 'string' ? value : undefined);
