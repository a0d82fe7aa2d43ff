import { rmSync } from 'node:fs';
import { EnvironmentError } from '../../errors.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import { type StorageKind, storageKind } from '../../sequence/arena.ts';
import { type Hardware, hardwareOf, wantsGuest } from '../../sequence/machine.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, Step } from '../../sequence/step.ts';
import { type ImageStore, openImageStore } from '../../target/images/image-store.ts';
import { programFor } from '../../target/process/command-line.ts';
import type { LineKind } from '../../target/process/line.ts';
import type { Session } from '../../target/process/live-session.ts';
import { residentBytes } from '../../target/process/process-tree.ts';
import { startSession } from '../../target/process/session.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import { findsLeaks, isWatched, slownessOf } from '../../target/programs/instruments.ts';
import type { RunRoot } from '../../target/run-dir.ts';
import { openStorageHost, type StorageHost } from '../../target/storage/host.ts';
import { ordinaryRoundTripUs } from '../../trace/host.ts';
import type { Flavour } from '../../trace/observation.ts';
import { commandLineObjects, hasObjectsFromStart } from '../arena/nodes.ts';
import type { PristineSession } from '../execute.ts';
import { limits } from '../limits.ts';
import { guestWriters } from './guest-writers.ts';
import { roundTrips } from './round-trips.ts';
import {
  type Introspection,
  introspection,
  keepSchema,
  rememberedSchema,
  rememberSchema,
} from './schema-store.ts';

/** One QEMU in one flavour, kept alive over many sequences: what `execute` gets is always pristine. */
export type Sessions = {
  /** The session of the last sequence where that was given back pristine, else a new one. */
  pristine(sequence: Sequence): Promise<PristineSession>;
  /** To be called after each sequence with what `execute` found. */
  giveBack(pristine: boolean): Promise<void>;
  /** The program is asked once, on this machine. */
  introspection(): Promise<Introspection>;
  schema(): Promise<QmpSchema>;
  /** Sessions started so far. */
  started(): number;
  session(): Session | undefined;
  /** At once, without asking QEMU to quit. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export type SessionsPlan = {
  target: QemuTarget;
  flavour: Flavour;
  root: RunRoot;
  tool: { name: string; version: string };
  /** What sequences may ask for: sessions have it from the start. What else a sequence wants costs a new session. */
  storage?: readonly StorageKind[];
  /** How its monitor is reached; a stream when absent. */
  line?: LineKind;
  /** Who is asked for the schema, where that is too long for the line. */
  introspection?: () => Promise<Introspection>;
  /** Count QEMU's trace points; a campaign learns from them. */
  tracePoints?: boolean;
  /** Sessions have another monitor from the start; else those of sequences that want one. */
  secondMonitor?: boolean;
  /** As `SessionPlan` has it. */
  startDeadlineMs?: number;
  /** Images that are read are hashed once more, byte by byte as raw: two seconds a GiB. */
  rawSha1?: boolean;
};

/** What a session must have been started with to serve a sequence. */
type Wanted = { hardware: Hardware; oob: boolean; secondMonitor: boolean; objects: string[]; boots: boolean };

export function openSessions({
  target,
  flavour,
  root,
  tool,
  rawSha1 = false,
  tracePoints = false,
  storage = [],
  line = 'stream',
  introspection: elsewhere,
  startDeadlineMs,
  secondMonitor = false,
}: SessionsPlan): Sessions {
  let session: Session | undefined;
  let host: StorageHost | undefined;
  let images: ImageStore | undefined;
  let sequencesBefore = 0;
  let earlyBytes: number | undefined;
  let started = 0;
  let startedWith: Wanted | undefined;
  let known: Introspection | undefined;
  const writers = guestWriters();
  const trips = roundTrips();

  return {
    async pristine(sequence) {
      const wanted: Wanted = {
        hardware: hardwareOf(sequence),
        oob: usesOob(sequence),
        boots: wantsGuest(sequence),
        secondMonitor: secondMonitor || sequence.steps.some(isAtOtherMonitor),
        objects: hasObjectsFromStart({ flavour, target }) ? commandLineObjects(sequence.arena) : [],
      };
      // What it leaks is told when it quits, of all that it has ever done: then that is one sequence.
      if (sequencesBefore > 0 && findsLeaks(programFor(target, flavour)) && sequence.steps.some(isQuit))
        await end();
      const live = await fitting(wanted, kindsOf(sequence));
      const roundTripUs = pacedUs(await trips.measure(live), slownessOf(programFor(target, flavour)));
      images ??= openImageStore({ dir: root.sessionDir() });
      live.restartCommandIds();
      const { hash: schemaHash } = await introspected(live);
      // A sanitizer keeps what is freed: there memory says nothing of QEMU.
      if (sequencesBefore === limits.warmSequences && !isWatched(programFor(target, flavour)))
        earlyBytes = residentBytes(live.pid() ?? 0);
      return {
        session: live,
        earlyBytes,
        images,
        storage: host,
        writers,
        roundTripUs,
        schemaHash,
        sequencesBefore: sequencesBefore++,
        tool,
        rawSha1,
      };
    },
    async giveBack(pristine) {
      const isDue = sequencesBefore >= limits.watchedSequences && isWatched(programFor(target, flavour));
      if (!pristine || isDue) await end();
    },
    introspection: () => introspected(session?.exited() === false ? session : undefined),
    schema: async () => (await introspected(session?.exited() === false ? session : undefined)).schema,
    started: () => started,
    session: () => session,
    async kill() {
      writers.stop();
      session?.kill();
      await session?.exit;
      host?.kill();
    },
    async close() {
      writers.stop();
      await end();
    },
  };

  async function fitting(wanted: Wanted, kinds: readonly StorageKind[] = []): Promise<Session> {
    // A BIOS that has run before takes three times as long to boot, so a guest has a machine of its own.
    const fits =
      session &&
      !session.exited() &&
      JSON.stringify(wanted) === JSON.stringify(startedWith) &&
      kinds.every((kind) => host?.kinds.includes(kind));
    if (session && fits && !wanted.boots) return session;
    await end();
    const dir = root.sessionDir();
    const isLocal = [...storage, ...kinds].every((kind) => kind === 'file');
    host = isLocal ? undefined : await openStorageHost(kinds, storage, { dir, target });
    const { network, devices } = host ?? {};
    try {
      session = await startSession({
        target,
        flavour,
        dir,
        line,
        tracePoints,
        ...wanted,
        ...(startDeadlineMs === undefined ? {} : { startDeadlineMs }),
        ...(network ? { network } : {}),
        ...(devices ? { devices } : {}),
      });
    } catch (error) {
      await end(); // its servers have nobody to serve
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
    startedWith = wanted;
    started++;
    sequencesBefore = 0;
    earlyBytes = undefined;
    return session;
  }

  async function introspected(live: Session | undefined): Promise<Introspection> {
    known ??= (await elsewhere?.()) ?? rememberedSchema(target, flavour);
    if (known) return known;
    known = introspection(
      await askSchema(
        live ??
          (await fitting({
            hardware: { machine: 'none' },
            oob: false,
            secondMonitor,
            objects: [],
            boots: false,
          })),
      ),
    );
    keepSchema(known);
    rememberSchema(target, flavour, known);
    return known;
  }

  /** QEMU before its servers: one that waits for a dead server does not quit. */
  async function end(): Promise<void> {
    const [ending, servers] = [session, host];
    session = host = undefined;
    try {
      await ending?.stop();
      await servers?.close();
    } catch (error) {
      // A server that does not let go of what it has is of no further use, but no reason to stop either.
      if (!(error instanceof EnvironmentError)) throw error;
      servers?.kill();
    } finally {
      if (ending) rmSync(ending.dir, { recursive: true, force: true });
    }
  }
}

const kindsOf = ({ arena }: Sequence): StorageKind[] =>
  arena.disks.map(storageKind).filter((kind) => kind !== 'file');

/** It takes a session with two monitors. */
export const isAtOtherMonitor = (step: Step): boolean => 'fault' in step && step.fault === 'monitor';

/** It takes a session whose monitor has agreed to commands out of band. */
export const usesOob = ({ steps }: Sequence): boolean =>
  steps.some((step) => 'qmp' in step && step.oob === true);

const isQuit = (step: Step): boolean => 'qmp' in step && step.qmp === 'quit';

/** What is quick on an instrumented build is a query; all else takes longer there. */
const pacedUs = (measuredUs: number, slowness: number): number =>
  slowness === 1 ? measuredUs : Math.max(measuredUs, ordinaryRoundTripUs * slowness);

async function askSchema(session: Session): Promise<Json> {
  const answer = await session.client.command('query-qmp-schema', {}, { id: session.nextCommandId() }).reply;
  if (answer.kind !== 'reply' || answer.return === undefined) {
    throw new EnvironmentError(
      `QEMU ${session.target.label} (${session.flavour}) does not answer query-qmp-schema`,
    );
  }
  return answer.return;
}
