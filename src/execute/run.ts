import type { Socket } from 'node:net';
import type { QmpReply } from '../qmp/message.ts';
import { isReadable } from '../qmp/readable.ts';
import type { Disk } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json } from '../sequence/step.ts';
import type { GuestWriter, OpenGuestDisk } from '../target/guest/guest-writer.ts';
import type { ImageStore } from '../target/images/image-store.ts';
import type { Session } from '../target/process/live-session.ts';
import type { StorageHost } from '../target/storage/host.ts';
import type { Served } from '../target/storage/storage.ts';
import type { JobsSeen } from '../trace/jobs-seen.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { Destination } from './arena/destination.ts';
import type { ProcessResources } from './arena/process-resources.ts';
import { deadline } from './deadline.ts';
import { derivesKeys } from './derives-keys.ts';
import { limits } from './limits.ts';

/** What the steps of one sequence share while it runs. */
export type Run = {
  sequence: Sequence;
  session: Session;
  images: ImageStore;
  /** Where images lie that are no local files. */
  storage: StorageHost | undefined;
  /** The sequence's own directory, inside the session's. */
  dir: string;
  recorder: Recorder;
  jobs: JobsSeen;
  /** Disks that are open or at least have a file, by name. */
  disks: Map<string, PlacedDisk>;
  exports: string[];
  nbdServer: boolean;
  /** Objects (throttle groups, iothreads) to be removed at the end. */
  objects: string[];
  writers: GuestWriters;
  /** The second QEMU, where the arena has one. */
  destination: Destination | undefined;
  /** Connections to the NBD server that are nobody's. */
  strangers: Socket[];
  /** Commands and guest requests of the steps that are not answered yet. */
  inFlight: { commands: number; guest: number };
  /** Guest requests that had not ended when their deadline passed. */
  guestRequestsExpired: number;
  nextGuestRequest: number;
  commandsSent: number;
  /** Bytes that raw steps have sent since the stream was last in a known state: 0, it is now. */
  unsyncedBytes: number;
  /** QEMU's resident set when the session was warm, once it has been. */
  earlyBytes: number | undefined;
  heldBefore: ProcessResources | undefined;
  /** SIGSTOP is in force: nothing answers, and nobody waits. */
  suspended: boolean;
  /** When it last went on after that, by `performance.now()`: deadlines of what was sent before begin anew then. */
  wokenAtMs: number;
  /** A command went unanswered, or the monitor is gone: no further step makes sense. */
  broken: boolean;
  /** The session is not the one that was handed in: nobody but this run knows it. */
  restarted: boolean;
  /** The monitor is gone: QEMU is ending, whoever wished it. */
  disconnected: boolean;
  deadlineFactor: number;
  /** The share of its deadline that an answer, or an end, gets: 1 where a miss has to be a hang. */
  deadlineScale: number;
  /** The same of the time that a resumed job gets to go on. */
  resumeDeadlineScale: number;
  /** The job for which keys are derived, where a command has asked for some and was not refused. */
  keysFor: Json | undefined;
  isDerivingKeys(): boolean;
  /** How long QEMU and this process have been ready to run in vain, since the run began. */
  lostMs(): number;
  /** Images are hashed once more, byte by byte as raw. */
  rawSha1: boolean;
};

/** One writer a disk slot, kept by the session's owner over many sequences; and the disks that guests have open. */
export type GuestWriters = { take(slot: number): GuestWriter; open: Map<string, OpenGuestDisk> };

export type PlacedDisk = {
  disk: Disk;
  path: string;
  /** Its server, where a server has the image, and whether something is the matter with it. */
  served?: Served;
  unwell?: true;
  /** The format node is in the graph under the disk's name. */
  open: boolean;
  /** Id of its BlockBackend where it has one. */
  drive?: string;
  /** `driver` options of the format node as it was added: blockdev-reopen wants them all again. */
  options?: Record<string, Json>;
  /** Its file node goes with the format node. */
  fileInside?: boolean;
  /** What a fault step has put below the format node. */
  inserted?: { purpose: 'inject' | 'fill'; valve: boolean };
  /** What its image file may hold at most, where its room is limited. */
  roomBytes?: number;
};

export type Command = { name: string; args: Record<string, Json> };
export type Answer = QmpReply | { kind: 'disconnected' } | { kind: 'expired' } | { kind: 'unreadable' };

/** Records and sends one command; the answer comes in its own time, or `expired` at the deadline. */
export function issue(
  run: Run,
  command: Command,
  how: { step?: number; id?: Json; oob?: true; deadlineMs?: number } = {},
): Promise<Answer> {
  const id = how.id ?? run.session.nextCommandId();
  const oob = how.oob === true;
  const { reply } = run.session.client.command(command.name, command.args, { id, ...(oob ? { oob } : {}) });
  // Noted in the same turn, so before any answer to it; QEMU is reading it meanwhile.
  note(run, command, id, how.step, oob);
  const sizeBytes = JSON.stringify(command.args).length;
  if (!isReadable(command.name) || !isReadable(command.args)) {
    // QEMU's parser refuses it without an id, so that no reply will ever name it: as with raw bytes.
    run.unsyncedBytes += sizeBytes;
    return Promise.resolve({ kind: 'unreadable' });
  }
  const readingMs = (sizeBytes * 1000) / limits.monitorBytesPerSecond;
  const asksForKeys = derivesKeys(command.name, command.args);
  if (asksForKeys) run.keysFor = command.args['job-id'];
  const answer = answerWithin(run, reply, id, {
    ...how,
    deadlineMs: (how.deadlineMs ?? limits.commandDeadlineMs * run.deadlineScale) + readingMs,
  });
  if (!asksForKeys) return answer;
  return answer.then((come) => {
    if (come.kind === 'reply' && come.error) run.keysFor = undefined;
    return come;
  });
}

/** Several commands glued into one packet, answered in order. */
export function issueAll(run: Run, commands: readonly Command[], step?: number): Promise<Answer[]> {
  const ids = commands.map(() => run.session.nextCommandId());
  const sent = run.session.client.commands(
    commands.map(({ name, args }, i) => ({ name, args, id: ids[i] as number })),
  );
  commands.forEach((command, i) => {
    note(run, command, ids[i] as number, step, false);
  });
  return Promise.all(
    sent.map(({ reply, id }) => answerWithin(run, reply, id, step === undefined ? {} : { step })),
  );
}

/** SIGCONT; false where QEMU is gone. */
export function wake(run: Run): boolean {
  run.wokenAtMs = performance.now();
  run.suspended = false;
  return run.session.signal('SIGCONT');
}

export const isOk = (answer: Answer | undefined): boolean =>
  answer?.kind === 'reply' && answer.error === undefined;

/** Waits until `check` answers; it is asked now and after every observation. */
export function until<T>(run: Run, check: () => T | undefined, deadlineMs: number): Promise<T | 'expired'> {
  const now = check();
  if (now !== undefined) return Promise.resolve(now);
  return new Promise((resolve) => {
    const finish = (outcome: T | 'expired'): void => {
      callOff();
      unlisten();
      resolve(outcome);
    };
    const callOff = deadline(run, deadlineMs, () => finish('expired'));
    const unlisten = run.recorder.listen(() => {
      const outcome = check();
      if (outcome !== undefined) finish(outcome);
    });
  });
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function note(run: Run, { name, args }: Command, id: Json, step: number | undefined, oob: boolean): void {
  run.commandsSent++;
  if (asksToExit(name, args)) run.session.expectExit();
  run.recorder.record({
    kind: 'command',
    id,
    name,
    args,
    ...(oob ? { oob: true as const } : {}),
    ...(step === undefined ? {} : { step }),
  });
}

function asksToExit(name: string, args: Record<string, Json>): boolean {
  const line = args['command-line'];
  return (
    name === 'quit' ||
    (name === 'human-monitor-command' && typeof line === 'string' && /^\s*q(uit)?\b/.test(line))
  );
}

async function answerWithin(
  run: Run,
  reply: Promise<QmpReply | { kind: 'disconnected' }>,
  id: Json,
  how: { step?: number; deadlineMs?: number },
): Promise<Answer> {
  const deadlineMs = how.deadlineMs ?? limits.commandDeadlineMs * run.deadlineScale;
  let callOff: (() => void) | undefined;
  const late = new Promise<{ kind: 'expired' }>((resolve) => {
    const waitFrom = (fromMs: number): void => {
      callOff = deadline(run, deadlineMs, () =>
        run.wokenAtMs > fromMs ? waitFrom(performance.now()) : resolve({ kind: 'expired' }),
      );
    };
    waitFrom(performance.now());
  });
  const answer = await Promise.race([reply, late]);
  callOff?.();
  if (answer.kind === 'expired' && !run.suspended) {
    run.broken = true;
    run.recorder.record({
      kind: 'expired',
      what: 'command',
      id,
      deadlineMs: deadlineMs * run.deadlineFactor,
      ...(how.step === undefined ? {} : { step: how.step }),
    });
  }
  if (answer.kind === 'disconnected') run.broken = true;
  return answer;
}
