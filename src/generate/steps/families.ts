import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { malformedStep } from '../malformed/malformed-step.ts';
import { rawSteps } from '../raw/raw-step.ts';
import type { Situation } from '../situation.ts';
import { bitmap } from './bitmap.ts';
import { commitAll } from './commit-all.ts';
import { change, complete, control, dismiss, finalize, setSpeed } from './control.ts';
import { devices } from './devices.ts';
import { edges } from './edges.ts';
import { exports } from './exports.ts';
import { fault, freeze, throttle } from './faults.ts';
import { filter } from './filter.ts';
import { foreign } from './foreign.ts';
import { graph } from './graph.ts';
import { guest } from './guest.ts';
import { internalSnapshot } from './internal-snapshot.ts';
import { machine } from './machine.ts';
import { query } from './query.ts';
import { refused } from './refused.ts';
import { resize } from './resize.ts';
import { serverFault } from './server-faults.ts';
import { sleepers } from './sleepers.ts';
import { snapshot } from './snapshot.ts';
import { startBackup } from './start-backup.ts';
import { startCommit } from './start-commit.ts';
import { startMirror } from './start-mirror.ts';
import { startStream } from './start-stream.ts';
import { transaction } from './transaction.ts';
import { waiting } from './waiting.ts';

/** The next steps of a kind; undefined where nothing of that kind makes sense now. */
export type StepMaker = (draw: Draw, situation: Situation) => Step[] | undefined;
export type Family = keyof typeof families;

/** What a property gives weights to. */
export const families = {
  startMirror,
  startBackup,
  startCommit,
  startStream,
  transaction,
  /** pause, resume, cancel */
  control,
  complete,
  finalize,
  dismiss,
  setSpeed,
  change,
  query,
  waiting,
  graph,
  /** Of whatever is there, busy or not. */
  resize,
  /** HMP's `commit all`: nothing is known of images after it. */
  commitAll,
  filter,
  snapshot,
  /** Within a qcow2 image. */
  internalSnapshot,
  bitmap,
  exports,
  guest,
  /** stop, cont, reset, limits and histograms of devices; in arenas with a machine. */
  machine,
  /** Devices that come and go. */
  devices,
  fault,
  throttle,
  /** Of a server that has a disk's image; none in arenas of local files. */
  serverFault,
  freeze,
  /** Clients, processes and monitors of others. */
  foreign,
  /** Verbs for jobs that sleep or stand, whatever holds them. */
  sleepers,
  refused,
  /** Numbers at their limits, on both sides of them. */
  edges,
  malformed,
  /** Damaged bytes. */
  raw: rawSteps,
} satisfies Record<string, StepMaker>;

function malformed(draw: Draw, situation: Situation): Step[] | undefined {
  const step = malformedStep(draw, situation);
  return step && [step];
}

/** What `startJob` stands for. */
export const jobStarters = [
  [0.55, 'startMirror'],
  [0.2, 'startBackup'],
  [0.15, 'startCommit'],
  [0.1, 'startStream'],
] as const satisfies readonly (readonly [share: number, family: Family])[];
