import type { Stack } from '../../findings/stacks/stack.ts';
import type { Aim, Moment } from '../../generate/aim.ts';
import type { BriefVerdicts } from '../../judge/ledger.ts';
import type { Violation } from '../../judge/rule.ts';
import type { StorageKind } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import type { Without } from '../../target/storage/usable.ts';
import type { Flavour, Trace } from '../../trace/observation.ts';
import type { Mask } from '../discoveries/mask.ts';
import type { Coverage } from '../feedback/coverage.ts';
import type { Trouble } from '../trouble/trouble.ts';

/** `storage`: what its images may lie on; local files where nothing else is said. `without`: what the machine lacks. */
export type ProgramPlan = {
  target: QemuTarget;
  flavour: Flavour;
  storage?: readonly StorageKind[];
  without?: readonly Without[];
};

/** What a worker gets once, before its first task. */
export type WorkerPlan = {
  kind: 'plan';
  programs: readonly ProgramPlan[];
  propertyFiles: readonly string[];
  tool: { name: string; version: string };
  /** It is in a network of its own, so monitors may take datagrams. */
  isolated: boolean;
};

/** Where a sequence comes from: drawn by its property, or made from ones that showed something new, at random or to a purpose. */
export type SequenceOrigin =
  | { from: 'property' }
  | { from: 'parents'; parents: readonly [Sequence, ...Sequence[]] }
  | { from: 'aim'; to: Aim };

export type RunTask = {
  kind: 'run';
  index: number;
  program: number;
  property: string;
  /** What every choice of this sequence is drawn from. */
  seed: string;
  origin: SequenceOrigin;
};

export type ShrinkTask = {
  kind: 'shrink';
  id: string;
  program: number;
  sequence: Sequence;
  signature: string;
  /** The step at which it went wrong, where that is known. */
  step?: number;
  /** Of the known finding of that signature: gdb looks at it, too, where the stacks that it has are of another QEMU. */
  against?: Sequence;
  deadlineMs: number;
};

/** Look by valgrind who is to blame for a crash or a hang. */
export type ExplainTask = {
  kind: 'explain';
  id: string;
  program: number;
  /** As short as shrinking made it. */
  sequence: Sequence;
  signature: string;
  deadlineMs: number;
};

export type Task = RunTask | ShrinkTask | ExplainTask;
/** What another worker has shown of a version. */
export type SignaturesReported = { kind: 'reported'; version: string; signatures: readonly string[] };

/** Sequences on that QEMU do without it from now on. */
export type SwitchOff = { kind: 'switch-off'; qemu: string; without: Without };

export type ToWorker =
  | WorkerPlan
  | Task
  | SignaturesReported
  | SwitchOff
  | { kind: 'masks'; masks: readonly Mask[] };

/** `trace` comes with a signature's first showing only. */
export type SeenViolation = { signature: string; violation: Violation; trace?: Trace };

/** Said before a sequence is run: should the worker die of it, the campaign has it. */
export type Begun = { kind: 'begun'; sequence: Sequence };

export type Ran = {
  kind: 'ran';
  index: number;
  program: number;
  property: string;
  title: string;
  coverage: Coverage;
  /** Steps that a mask took out. */
  masked: number;
  guestWrites: number;
  faultsInjected: number;
  /** QMP commands in the whole trace, those of set-up and settling too. */
  commands: number;
  elapsedMs: number;
  /** Features this worker had not seen before. */
  features: string[];
  violations: SeenViolation[];
  /** What each rule said. */
  verdicts: BriefVerdicts;
  /** Of what is kept: where its jobs stood. */
  moments: Moment[];
  /** Where there is something to keep. */
  sequence?: Sequence;
  /** QEMU processes started so far by this worker. */
  sessionsStarted: number;
  /** This sequence was not run: what the binary lacks, or why there is no verdict. */
  reason?: string;
  /** The machine failed: that is the reason. */
  trouble?: Trouble;
  /** Optional things of the machine that it used. */
  uses: readonly string[];
  /** To an impatient look it hangs, as nothing known does; `confirmed` follows. */
  suspect?: true;
};

/** What a suspect broke with the whole of its deadlines; nothing, where it was only slow. */
export type Confirmed = { kind: 'confirmed'; ran: Ran };

export type ShrinkEnded = {
  kind: 'shrunk';
  id: string;
  program: number;
  signature: string;
  sequence: Sequence;
  reproduced: { ok: number; of: number };
  executions: number;
  elapsedMs: number;
  complete: boolean;
  /** Of one run of the minimal sequence that showed it. */
  shown?: { trace: Trace; violation: Violation; beside: readonly string[] };
  /** What gdb saw of the minimal sequence. */
  stacks?: readonly Stack[];
  /** What gdb saw of the task's `against`. */
  againstStacks?: readonly Stack[];
  sessionsStarted: number;
};

export type ExplainEnded = {
  kind: 'explained';
  id: string;
  signature: string;
  stacks: readonly Stack[];
};

/** Shrinking that the machine did not let go on. */
export type ShrinkFailed = { kind: 'shrink-failed'; id: string; signature: string; trouble: Trouble };

/** `environment`: the machine failed, not mirrorfuzz. */
export type WorkerFailed = { kind: 'failed'; environment: boolean; message: string; remedy?: string };

export type FromWorker = Begun | Ran | Confirmed | ShrinkEnded | ShrinkFailed | ExplainEnded | WorkerFailed;
