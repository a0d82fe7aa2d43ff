import type { Conflict } from './conflict.ts';
import type { JobStatus } from './job-statuses.ts';
import type { NumberRange } from './number-range.ts';
import type { Series, Trait } from './versions.ts';

/**
 * What is true of one QMP command, as far as anything here depends on it. The block graph, the generator's guess, the
 * rules about refusals, the renderer and the dialects all read the card: none of them has a list of commands of its own.
 */
export type Card = {
  /** The first and the last series that has it; absent: every one. */
  since?: Series;
  until?: Series;
  /** Arguments that came later than the command. */
  argumentsSince?: Readonly<Record<string, Series>>;
  /** The storage daemon has no such command: it is about guests. */
  only?: 'system';
  /** What had no such command: RHEL 6's qemu-kvm, RHEL 7's. */
  notIn?: readonly ('rhel6' | 'rhel7')[];
  /** What it was called then. */
  oldNames?: Readonly<Partial<Record<'rhel6' | 'rhel7', string>>>;
  /** Arguments that name a node which is there, or a drive, in the order in which QEMU looks them up. */
  nodes?: Readonly<Record<string, NodeArgument>>;
  /** Arguments that give a new node its name. */
  names?: readonly string[];
  /** The argument that names an image file which it makes, unless `mode` is `existing`. */
  file?: string;
  /** Numbers that are refused outside their range; members of members by `a.b`. */
  numbers?: Readonly<Record<string, NumberRange>>;
  /** Numbers with limits that the documentation names, or the code, and no rule rests on. */
  limits?: Readonly<Record<string, NumberRange>>;
  /** Arguments that it refuses together, whatever else is right. */
  conflicts?: readonly Conflict[];
  /** The job that it starts. */
  job?: StartedJob;
  /** What it does to a job that is there. */
  verb?: JobVerb;
  /** What it does to nodes, bitmaps, exports and images, beside jobs; absent: nothing. */
  change?: CardChange;
  undoneBy?: string;
  /** It sets limits that a guest's requests wait for. */
  limitsRequests?: true;
  /** How often it is broken, beside other commands; absent: never. */
  weight?: number;
};

export type Cards = Readonly<Record<string, Card>>;

/** What else is asked of a node than that it is there. */
export type NodeArgument = {
  /** It is looked up before anything else can be wrong, so that an unknown name is refused for certain. */
  known?: true;
  /** No job may hold it. */
  free?: true;
  /** Where it may stand: below no other node; as nobody's backing file. */
  stands?: 'on top' | 'not as backing';
  active?: true;
  /** The class of the error where there is none of that name; absent: GenericError. */
  missing?: 'DeviceNotFound';
};

export type StartedJob = {
  /** As events and queries call it. */
  type: JobType;
  /** `plain`: no BLOCK_JOB_ event, no speed, no policy; always dismissed by hand. */
  kind: 'block' | 'plain';
  /** Whether it writes to a node that is there, or to a file that it opens itself. */
  target?: 'node' | 'file';
  /** The nodes that it blocks against every other operation (block_job_add_bdrv in block/*.c). */
  holds?: 'source and target' | 'target' | 'source down to base' | 'source, top to base';
  /** Whether it announces READY, and is completed. */
  ready?: 'always' | 'active layer';
  /** One policy for errors, or one for each side. */
  onError?: 'one' | 'two';
  /** It writes another backing file into an image's header when it ends. */
  changesHeaders?: true;
  sameSize?: true;
  /** Values of `sync` that it refuses; that it takes with a bitmap only. */
  syncRefused?: readonly string[];
  syncByBitmap?: readonly string[];
  /** Options, and the values that can't stand in the way of its start. */
  plain?: Readonly<Record<string, readonly (string | boolean)[]>>;
};

export type JobType =
  | 'mirror'
  | 'backup'
  | 'stream'
  | 'commit'
  | 'create'
  | 'amend'
  | 'snapshot-save'
  | 'snapshot-load'
  | 'snapshot-delete';

/** A verb in one of its spellings: `job-*` takes any job, `block-job-*` block jobs only. */
export type JobVerb = Verb & {
  spelling: 'job' | 'block-job';
  /** The argument that names the job. */
  id: 'id' | 'device';
  /** Arguments beside it, by type; anything else is for the schema to judge. */
  takes?: Readonly<Record<string, 'boolean' | 'integer'>>;
  needs?: string;
  /** A union, whose branches are looked at before the job. */
  union?: true;
};

/** What the spellings of a verb have in common. */
export type Verb = {
  name: string;
  /** JobVerbTable of job.c: the statuses in which it is not refused outright. */
  takenIn: readonly JobStatus[];
  /** Of these, what brought it where it was not always so. */
  takenSince?: Readonly<Partial<Record<JobStatus, Trait>>>;
  /** What becomes of a job that takes it. */
  does: 'pauses' | 'resumes' | 'cancels' | 'finishes' | 'finalizes' | 'dismisses' | 'sets speed' | 'changes';
  /**
   * What it answers where its status takes it: success, or success or an error as it may be; absent: by what the job
   * remembers, in model/verbs/.
   */
  answers?: 'success' | 'either';
};

export type CardChange =
  | { kind: 'adds node' }
  | { kind: 'deletes node'; node: string }
  | { kind: 'reopens' }
  | { kind: 'resizes'; size: string }
  | { kind: 'sets active' }
  /** `over`: the arguments that may name what it lies over, the first that is there; `overlay`: what names the overlay. */
  | { kind: 'overlays'; over: readonly string[]; overlay: string; makes: boolean }
  | { kind: 'names backing file' }
  | { kind: 'creates image' }
  | { kind: 'adds device' }
  | { kind: 'asks device to go' }
  | { kind: 'sets property' }
  | { kind: 'bitmap'; does: 'add' | 'remove' | 'enable' | 'disable' | 'clear' | 'merge' }
  | { kind: 'export'; does: 'add' | 'remove' }
  | { kind: 'nbd server'; is: 'running' | 'stopped' };

export const live: readonly JobStatus[] = ['created', 'running', 'paused', 'ready', 'standby'];
