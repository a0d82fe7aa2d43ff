import type { ImageFormat } from '../../sequence/arena.ts';
import { anything, type Content } from './content.ts';

/**
 * Which image holds what while jobs run: images by file name, the nodes that name them, and the guest's disks with the
 * image that each lies on just now.
 */
export type ImageGraph = {
  images: Map<string, Image>;
  nodes: Map<string, Node>;
  /** Files by the URLs that servers have them under. */
  served: ReadonlyMap<string, string>;
  disks: Map<string, DiskOfGuest>;
  jobs: Map<string, Job>;
  /** Every job that was started, in order; what ended stays. */
  past: PastJob[];
  /** Images that something else than a guest or a job may have written to, and from where on. */
  overwritten: { file: string; from: number }[];
  /** Earliest place in the trace at which what is being followed may have taken effect. */
  now: number;
  /** From where on something that the model can't follow may have changed any image: nothing is promised any more. */
  lostAt: number;
};

export type Image = {
  file: string;
  format: ImageFormat;
  /** undefined: not known any more. */
  sizeBytes: number | undefined;
  /** The backing file that the header names: that is what a reader of the file sees. */
  header: string | undefined | 'unknown';
  /** What a command has given as the name that the header is to have for it. */
  named?: string | undefined;
  /** The image that the last job has put below it: the header has its format beside its name. */
  placed?: Pick<Image, 'file' | 'format'> | undefined;
  /** The backing image that QEMU has below it. */
  backing: string | undefined;
  /** Since when the two differ, and what the header's chain shows where QEMU has not written since. */
  apart: { since: number; below: Content } | undefined;
  empty: boolean;
  /** It is no file of its own but what a node shows of this one: a part of it, or what it held at some time. */
  viewOf?: string;
  /** The node that whatever changes that one must pass. */
  viewBy?: string;
  /** What it holds while no guest disk lies on it. */
  settled: Settled;
  /** The job that writes it, and what it held before that. */
  writing: { job: string; before: Content } | undefined;
};

/** What an image must hold, and by which promise. `flushed`: the promise includes that QEMU has flushed it. */
export type Settled = { by: Promised; content: Content; why: string; flushed: boolean };

export type Promised =
  | 'guest-disk'
  | 'untouched'
  | 'mirror-copy'
  | 'mirror-top'
  | 'mirror-none'
  | 'ready-quit'
  | 'write-blocking'
  | 'backup'
  | 'commit';

/** `whole`: an image's format node; else a node below it, which shows its bytes as they lie in the file. */
export type Part = { file: string; whole: boolean };

/**
 * One that shows just what the node below it does has that one's name in `on`; `before`: what copy-before-write keeps,
 * and in which file.
 */
export type Node = Part | { on: string; before?: Content; keptIn?: string };

/** `lostAt`: from where on its content is open. `changedAt`: when the images below it last changed roles. */
export type DiskOfGuest = {
  name: string;
  drive: string;
  top: string;
  /** The node that its frontend stands on. */
  root: string;
  /** The images that it lay on, and from where on. */
  lay: { file: string; since: number }[];
  lostAt: number;
  changedAt: number;
};

export type Job = {
  key: string;
  /** The start: sent, and answered. */
  sent: number;
  done: number;
  /** Files of the images that it copies from and to. */
  reads?: string;
  writes: string;
  end(graph: ImageGraph, job: Job, ending: JobEnding, at: number): void;
};

/** What is remembered of a job; `ended`: undefined as long as it is under way. */
export type PastJob = Pick<Job, 'sent' | 'reads' | 'writes'> & {
  id: string;
  ended: { how: JobEnding; at: number } | undefined;
};

/** How a job ended. `asked`: where the command was sent that led to it. */
export type JobEnding =
  | { how: 'finished' }
  | { how: 'completed'; asked: number }
  | { how: 'cancelled softly'; asked: number }
  /**
   * Before its time; `ready`: where it got READY; `over`: what the guest had answered by there it had before that;
   * `idle`: it has changed nothing since; `faulty`: the job met errors.
   */
  | {
      how: 'cut';
      by: 'quit' | 'force' | 'kill';
      asked: number;
      ready: number | undefined;
      over: number;
      idle: boolean;
      faulty: boolean;
    }
  | { how: 'failed' }
  | { how: 'unclear' };

export const unknown: Settled = { by: 'untouched', content: anything, why: '', flushed: false };
