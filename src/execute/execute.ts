import { mkdirSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CutShort, EnvironmentError } from '../errors.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Step } from '../sequence/step.ts';
import { freeBytes, writeError } from '../target/disk-space.ts';
import type { ImageStore } from '../target/images/image-store.ts';
import type { Session } from '../target/process/live-session.ts';
import type { StorageHost } from '../target/storage/host.ts';
import { hostFactor } from '../trace/host.ts';
import { trackJobs } from '../trace/jobs-seen.ts';
import type { Observation, Phase, Trace } from '../trace/observation.ts';
import { createRecorder } from '../trace/recorder.ts';
import { checkClaims } from './after.ts';
import { heldBefore } from './arena/process-resources.ts';
import { setUp } from './arena/set-up.ts';
import { tearDown } from './arena/tear-down.ts';
import { lostTime } from './deadline.ts';
import { isDeriving } from './derives-keys.ts';
import { imagesReleased } from './faults/storage-faults.ts';
import { strangersLeave } from './faults/strangers.ts';
import { speakDialect, watch } from './record-session.ts';
import { type GuestWriters, type Run, sleep } from './run.ts';
import { settle } from './settle.ts';
import { awaitStep } from './steps/step-await.ts';
import { faultStep } from './steps/step-fault.ts';
import { guestStep } from './steps/step-guest.ts';
import { qmpStep } from './steps/step-qmp.ts';
import { rawStep, resync } from './steps/step-raw.ts';

/** A session with nothing left of the last sequence, and what goes with it. */
export type PristineSession = {
  session: Session;
  images: ImageStore;
  storage: StorageHost | undefined;
  writers: GuestWriters;
  roundTripUs: number;
  sequencesBefore: number;
  /** QEMU's resident set when the session was warm, once it has been. */
  earlyBytes: number | undefined;
  schemaHash: string;
  tool: { name: string; version: string };
  rawSha1: boolean;
  /** 1 when absent; less for a quick look, whose trace proves no hang. */
  deadlineScale?: number;
  /** The same of a resumed job that is to go on; less shows nothing of it. */
  resumeDeadlineScale?: number;
};

/**
 * Carries out a sequence on a live session and takes down everything that is seen. The only place that waits. Throws
 * CutShort where the machine failed meanwhile, which leaves the session of no further use.
 * `edges`: of QEMU's code, where its build counts those that were reached.
 * `freeBytesLeft`: what the temporary file system still had when the sequence's images lay in it.
 */
export async function execute(
  sequence: Sequence,
  on: PristineSession,
  sink?: (observation: Observation) => void,
): Promise<{ trace: Trace; pristine: boolean; freeBytesLeft: number; edges: readonly number[] }> {
  const run = begin(sequence, on, sink);
  const phase = (name: Phase): void => run.recorder.record({ kind: 'phase', phase: name });
  let pristine = false;
  let freeBytesLeft = 0;
  let edges: readonly number[] = [];
  let failure: EnvironmentError | undefined;
  try {
    heldBefore(run);
    phase('set-up');
    const ready = await setUp(run);
    if (ready) {
      phase('steps');
      speakDialect(run);
      for (const [index, step] of sequence.steps.entries()) {
        if (run.broken && !isAfterlife(step)) continue;
        run.recorder.record({ kind: 'step', step: index });
        await carryOut(run, step, index);
      }
    }
    phase('settle');
    run.session.bypassDialect();
    const settled = await settle(run);
    phase('teardown');
    pristine = (await tearDown(run)) && settled && !run.restarted;
    // A session that is not pristine is never used again; the images are looked at when it is gone.
    if (!pristine) await stopSession(run);
    await run.destination?.stop();
    await imagesReleased(run);
    if (ready && sequence.after?.length) {
      phase('after');
      await checkClaims(run);
    }
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    failure = error;
    await killSession(run);
  } finally {
    run.destination?.session.kill();
    strangersLeave(run);
    failure ??= await failureOf(imagesReleased(run));
    if (run.restarted) run.session.kill();
    edges = run.session.takeEdges();
    const counts = run.session.takeTracePoints();
    if (Object.keys(counts).length > 0) run.recorder.record({ kind: 'points', counts });
    run.recorder.record({
      kind: 'closed',
      pristine,
      commands: run.commandsSent,
      elapsedUs: run.recorder.elapsedUs(),
      lostUs: Math.round(run.lostMs() * 1000),
    });
    run.session.interpret(undefined);
    run.session.observe(() => {});
    freeBytesLeft = freeBytes(run.dir);
    removeDir(run.dir);
  }
  if (failure) throw new CutShort(failure, run.recorder.trace);
  return { trace: run.recorder.trace, pristine, freeBytesLeft, edges };
}

/** Its quit stands in the trace, since the jobs that it cancels do. */
async function stopSession(run: Run): Promise<void> {
  // One that answers nothing any more does not quit either; where that is sure already, it is not waited for.
  if (run.broken && run.deadlineScale < 1) run.session.kill();
  const id = run.session.nextCommandId();
  if (!run.disconnected) run.recorder.record({ kind: 'command', id, name: 'quit', args: {} });
  await run.session.stop(id);
}

/** QEMU before its servers: one that waits for a dead server does not quit. */
async function killSession(run: Run): Promise<void> {
  if (!run.session.exited()) run.session.kill();
  await run.session.exit;
}

async function failureOf(work: Promise<void>): Promise<EnvironmentError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
}

/** The directory of a run is flat as a rule, and then unlinking is five times faster than removing recursively. */
function removeDir(dir: string): void {
  try {
    for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
    rmdirSync(dir);
  } catch {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function carryOut(run: Run, step: Step, index: number): Promise<void> {
  if (!('raw' in step) && !('pause' in step)) await resync(run, index);
  if ('qmp' in step) return qmpStep(run, step, index);
  if ('raw' in step) return rawStep(run, step, index);
  if ('guest' in step) return guestStep(run, step, index);
  if ('fault' in step) return faultStep(run, step, index);
  if ('await' in step) return awaitStep(run, step, index);
  return sleep(step.pause);
}

/** What still makes sense when the monitor is gone: waiting for the exit that was asked for, and starting QEMU again. */
const isAfterlife = (step: Step): boolean =>
  ('await' in step && step.await === 'exit') || ('fault' in step && step.fault === 'restart');

function begin(sequence: Sequence, on: PristineSession, sink?: (observation: Observation) => void): Run {
  const { session } = on;
  const dir = join(session.dir, `q${on.sequencesBefore}`);
  try {
    mkdirSync(dir);
  } catch (error) {
    throw writeError(error, session.dir, 'making a directory for a sequence');
  }
  const recorder = createRecorder(sink);
  const { instruments } = session.target[session.flavour] ?? {};
  recorder.record({
    kind: 'opened',
    schema: 1,
    tool: on.tool,
    qemu: {
      label: session.target.label,
      version: session.target.version,
      flavour: session.flavour,
      schema: on.schemaHash,
      ...(instruments === undefined ? {} : { instruments }),
    },
    confinement: session.confinement,
    startedAt: new Date().toISOString(),
    session: { sequencesBefore: on.sequencesBefore },
    roundTripUs: on.roundTripUs,
    sequence,
  });
  const run: Run = {
    sequence,
    session,
    images: on.images,
    storage: on.storage,
    dir,
    recorder,
    jobs: trackJobs(),
    disks: new Map(),
    exports: [],
    nbdServer: false,
    objects: [],
    writers: on.writers,
    destination: undefined,
    strangers: [],
    inFlight: { commands: 0, guest: 0 },
    guestRequestsExpired: 0,
    nextGuestRequest: 1, // generation 0 is a disk's initial content
    commandsSent: 0,
    unsyncedBytes: 0,
    earlyBytes: on.earlyBytes,
    heldBefore: undefined,
    suspended: false,
    wokenAtMs: 0,
    broken: false,
    restarted: false,
    disconnected: false,
    deadlineFactor: hostFactor(on.roundTripUs),
    deadlineScale: on.deadlineScale ?? 1,
    resumeDeadlineScale: on.resumeDeadlineScale ?? 1,
    lostMs: lostTime(session.pid(), () => run.session.pid()),
    keysFor: undefined,
    isDerivingKeys: () => isDeriving(run.jobs, run.keysFor),
    rawSha1: on.rawSha1,
  };
  session.expectExit(false); // an earlier sequence may have sent a quit that was refused
  watch(run);
  return run;
}
