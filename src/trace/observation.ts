import type { JobStatus } from '../qemu/job-statuses.ts';
import type { QmpMessage } from '../qmp/message.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { FaultStep, Json } from '../sequence/step.ts';
import type { ContentRun } from './content-run.ts';

/** A command on another monitor than the one whose messages are in the trace. */
export type SentElsewhere = { name: string; args: Record<string, Json>; oob: boolean };

/**
 * What was seen, one line of `trace.jsonl` each, in the one order in which it was sent or received.
 * `us` is microseconds on the monotonic clock since the run began; `step` is the index of the step that caused it,
 * absent during set-up and settling.
 */
export type Observation = { us: number } & Seen;
export type Trace = readonly Observation[];

export type Flavour = 'system' | 'daemon';

export type Seen =
  | Opened
  /** set-up, steps, settle, teardown, after: commands outside `steps` are the interpreter's own. */
  | { kind: 'phase'; phase: Phase }
  | { kind: 'step'; step: number }
  /** A command as sent, with every reference resolved. `oob`: as `exec-oob`. */
  | { kind: 'command'; id: Json; name: string; args: Record<string, Json>; oob?: true; step?: number }
  /** Bytes sent verbatim; text where they are valid UTF-8, else base64. */
  | { kind: 'raw-sent'; text?: string; base64?: string; sizeBytes: number; step?: number }
  /** Greetings, replies, events, and what is none of these, as the wire gave them. */
  | QmpMessage
  | { kind: 'guest-begin'; request: number; disk: string; op: GuestOp; via: GuestWay; step?: number }
  /** `unattributed`: one of several requests in flight failed, and the writer can't tell which. */
  /** `runs`: what a read found. */
  | {
      kind: 'guest-end';
      request: number;
      result: 'ok' | 'error' | 'unattributed';
      text?: string;
      runs?: ContentRun[];
    }
  /** `sent`: the commands of another monitor, with nothing left to look up. */
  | {
      kind: 'fault';
      fault: FaultStep;
      step: number;
      outcome: 'armed' | 'refused';
      text?: string;
      sent?: SentElsewhere[];
    }
  /** A server has the disk's image from now on; QEMU reaches it by that URL, too. */
  | { kind: 'served'; disk: string; url: string; node: Record<string, Json> }
  /** A new QEMU, in the place of one that is gone: set-up and steps follow anew, on the images as they are. */
  | { kind: 'restarted'; step: number }
  | { kind: 'await'; step: number; outcome: 'met' | 'moot' | 'expired'; waitedUs: number }
  /** A command or guest request unanswered at its deadline. `lostUs`: as of `closed`, up to then. */
  | {
      kind: 'expired';
      what: 'command' | 'guest' | 'settle' | 'quit';
      id?: Json;
      deadlineMs: number;
      lostUs?: number;
      step?: number;
    }
  /** What a settled session still had that it must not have. */
  | { kind: 'leftover'; what: 'job' | 'node' | 'export' | 'object' | 'file'; names: string[] }
  /** What QEMU's process holds before the arena is made, and after it is taken apart. `threads`: without those of its pool, where they have names. `earlyBytes`: its resident set early in the session. */
  | {
      kind: 'process';
      descriptors: number;
      threads?: number;
      residentBytes?: number;
      earlyBytes?: number;
    }
  /** The event before it came so many times more, one directly after the other. */
  | { kind: 'repeated'; times: number }
  | { kind: 'disconnect' }
  | { kind: 'stderr'; text: string }
  /** `signal` where the process was killed by one. `asked`: a quit command or a fault of ours preceded; of SIGKILL: we sent it. */
  | { kind: 'exit'; code: number | null; signal: string | null; asked: boolean }
  /** `absent`: there is no such file. `untried`: what is to look at it is missing, or was killed. */
  | {
      kind: 'image';
      claim: number;
      outcome: 'holds' | 'broken' | 'unreadable' | 'absent' | 'untried';
      text: string;
    }
  /**
   * What an image holds once QEMU has let go of it, through its backing chain; `sha256` of its canonical form
   * (target/canonical-hash.ts), `rawSha1` of its bytes, where asked for. `check`: of `qemu-img check`, where it has one.
   */
  | {
      kind: 'content';
      claim: number;
      image: string;
      sizeBytes: number;
      sha256: string;
      rawSha1?: string;
      runs: ContentRun[];
      check?: { outcome: 'holds' | 'broken' | 'unreadable' | 'untried'; text: string };
    }
  /** What a node's dirty bitmap says once all is quiet, as a client of an NBD export reads it (`qemu:dirty-bitmap:`). */
  | {
      kind: 'bitmap';
      node: string;
      bitmap: string;
      granularityBytes: number;
      dirty: [offsetBytes: number, lengthBytes: number][];
    }
  /**
   * The dirty bitmaps in an image's qcow2 file once QEMU has let go of it (target/images/qcow2-bitmaps.ts); looked at where
   * the sequence has made a persistent one.
   */
  | {
      kind: 'stored-bitmaps';
      image: string;
      bitmaps: {
        bitmap: string;
        granularityBytes: number;
        inUse: boolean;
        dirty: [offsetBytes: number, lengthBytes: number][];
      }[];
    }
  /** What a snapshot-access node shows once all is quiet, from the begin of it; or why that could not be read. `failed`: an answer was an error, or something else went wrong. */
  | { kind: 'past'; node: string; runs: ContentRun[]; text?: string; failed?: 'read' | 'otherwise' }
  /** The room that an image takes once QEMU has let go of it, and what its header names (target/images/image-space.ts). */
  | {
      kind: 'space';
      image: string;
      occupiedBytes: number;
      data?: [offsetBytes: number, lengthBytes: number][];
      compressed?: true;
      backing?: { file: string; format?: string };
    }
  /**
   * A guest that booted from an image, on a QEMU of its own. `guest`, `host`: sums over the image's first `lengthBytes`
   * (target/word-sums.ts), as the guest read them from its disk, and as they were read from the file. `bootUs`: from
   * power-on to its greeting.
   */
  | {
      kind: 'boot';
      claim: number;
      image: string;
      outcome: 'read';
      bootUs: number;
      lengthBytes: number;
      guest: string;
      host: string;
    }
  | { kind: 'boot'; claim: number; image: string; outcome: 'silent' | 'failed'; text: string }
  /** How often QEMU passed its own trace points, by their text (target/trace-points.ts). */
  | { kind: 'points'; counts: Record<string, number> }
  /** `lostUs`: for how long of that QEMU, or mirrorfuzz, was ready to run and the machine ran something else. */
  | { kind: 'closed'; pristine: boolean; commands: number; elapsedUs: number; lostUs?: number };

export type Phase = 'set-up' | 'steps' | 'settle' | 'teardown' | 'after';

/**
 * nbd: an export; hmp: `qemu-io` of the monitor; virtio: a guest's own driver, which flushes with each write; device: its
 * driver of another device, which may leave writes in a cache and never flushes.
 */
export type GuestWay = 'nbd' | 'hmp' | 'virtio' | 'device';

export type GuestOp =
  /** The bytes are those of `generation`, the request's own number (content-run.ts), or one byte repeated. */
  | { op: 'write'; offsetBytes: number; lengthBytes: number; fua?: true; generation: number; pattern?: never }
  | { op: 'write'; offsetBytes: number; lengthBytes: number; fua?: true; pattern: number; generation?: never }
  | { op: 'zero' | 'discard'; offsetBytes: number; lengthBytes: number; unmap?: true }
  | { op: 'read'; offsetBytes: number; lengthBytes: number }
  | { op: 'flush' };

/** The first line: enough to know what ran where, and to run it again. */
type Opened = {
  kind: 'opened';
  schema: 1;
  tool: { name: string; version: string };
  /** `schema`: what names the binary's introspected schema where that is kept (execute/sessions/schema-store.ts). */
  /** `instruments`: what the build watches itself by (target/programs/instruments.ts), where it does. */
  qemu: {
    label: string;
    version: string;
    flavour: Flavour;
    schema?: string;
    instruments?: readonly string[];
  };
  /** What QEMU was shut in by (target/confine/confinement.ts); absent in older traces. */
  confinement?: 'bubblewrap' | 'namespaces' | 'none';
  startedAt: string;
  session: { sequencesBefore: number };
  /** Round trip of one QMP command on this host now: the unit that deadlines are scaled by. */
  roundTripUs: number;
  sequence: Sequence;
};

/** What `JOB_STATUS_CHANGE` said, where an observation is one. */
export function statusChange(seen: Seen): { id: string; status: JobStatus } | undefined {
  if (seen.kind !== 'event' || seen.name !== 'JOB_STATUS_CHANGE') return undefined;
  const { id, status } = seen.data;
  return typeof id === 'string' && typeof status === 'string'
    ? { id, status: status as JobStatus }
    : undefined;
}
