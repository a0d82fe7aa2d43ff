import { EnvironmentError } from '../../errors.ts';
import type { PairedSessions } from '../../execute/sessions/paired-sessions.ts';
import type { Binary } from '../../generate/situation.ts';
import { brief } from '../../judge/ledger.ts';
import { optionalIn } from '../../sequence/optional.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { findDebuggers } from '../../target/debuggers/debuggers.ts';
import type { RunRoot } from '../../target/run-dir.ts';
import { handOver, type Without } from '../../target/storage/usable.ts';
import type { Mask } from '../discoveries/mask.ts';
import { explain } from '../explain/explain.ts';
import { countsOf, coverageOf } from '../feedback/coverage.ts';
import { jobStatusMoments } from '../feedback/job-status-moments.ts';
import { edgeFeature, featuresOf } from '../feedback/novelty.ts';
import { freeLanes } from '../free-lanes.ts';
import { limits } from '../limits.ts';
import { loadProperties } from '../properties.ts';
import { shrinkOnProgram } from '../shrink-on-program.ts';
import { troubleFrom } from '../trouble/trouble.ts';
import { openTryOut, type Tried } from '../try-out.ts';
import { firstOfEachKind } from './first-of-each-kind.ts';
import { isHang } from './is-hang.ts';
import { makeSequence } from './make-sequence.ts';
import { openMaskEvidence } from './mask-evidence.ts';
import { openSignaturesKnown } from './signatures-known.ts';
import { troubledRan } from './troubled-ran.ts';
import type {
  Confirmed,
  ExplainEnded,
  ExplainTask,
  ProgramPlan,
  Ran,
  RunTask,
  SeenViolation,
  ShrinkEnded,
  ShrinkFailed,
  ShrinkTask,
  SignaturesReported,
  SwitchOff,
  WorkerPlan,
} from './worker-messages.ts';
import { openWorkerSessions } from './worker-sessions.ts';

/** What one worker does: makes a sequence, runs it on a session that it keeps, judges it; or shrinks one. */
export type TaskRunner = {
  /** `begins` is called with the sequence just before it is run. */
  run(task: RunTask, begins?: (sequence: Sequence) => void): Promise<{ ran: Ran; suspect?: Suspect }>;
  /** Waits more than it works, as shrinking a hang does: on sessions of its own, beside other tasks. */
  confirm(suspect: Suspect): Promise<Confirmed>;
  shrink(task: ShrinkTask): Promise<ShrinkEnded | ShrinkFailed>;
  explain(task: ExplainTask): Promise<ExplainEnded>;
  switchOff(order: SwitchOff): void;
  setMasks(masks: readonly Mask[]): void;
  noteReported(by: SignaturesReported): void;
  kill(): Promise<void>;
};

/** A sequence that, with short deadlines, hangs as nothing known does. */
export type Suspect = { task: RunTask; sequence: Sequence; signatures: readonly string[] };

export async function openTaskRunner(plan: WorkerPlan, root: RunRoot): Promise<TaskRunner> {
  const properties = await loadProperties(plan.propertyFiles);
  const sessions = openWorkerSessions(plan, root);
  const features = new Set<string>();
  const known = openSignaturesKnown();
  /** A busy machine has many suspects, and each waits for half a minute: one after the other most would come too late. */
  const confirming = freeLanes(Array.from({ length: limits.hangLanes }, (_, lane) => lane));
  let masks: readonly Mask[] = [];
  const evidence = openMaskEvidence();
  const lacking = new Map<string, readonly Without[]>();
  for (const { target, without = [] } of plan.programs) {
    lacking.set(target.path, without);
    handOver(target, without);
  }

  return {
    async run(task, begins) {
      const begunMs = performance.now();
      try {
        return await runOn(task, begunMs, begins);
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        const sessionsStarted = sessions.started();
        return { ran: troubledRan(task, troubleFrom(error), { begunMs, sessionsStarted }) };
      }
    },
    confirm: (suspect) => confirming((lane) => confirmOn(suspect, lane)),
    async shrink(task) {
      const on = isHang(task.signature)
        ? { sessions: sessions.side('shrink', task.program) }
        : sessions.main(task.program);
      const where = { ...sessions.program(task.program), ...on, root, tool: plan.tool };
      try {
        return { ...(await shrinkOnProgram(task, where)), sessionsStarted: sessions.started() };
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        const { id, signature } = task;
        return { kind: 'shrink-failed', id, signature, trouble: troubleFrom(error) };
      }
    },
    async explain({ id, signature, program, sequence, deadlineMs }) {
      const { valgrind } = findDebuggers();
      const kind = isHang(signature) ? 'hang' : 'crash';
      const on = { ...sessions.program(program), root, tool: plan.tool };
      const debuggers = valgrind === undefined ? {} : { valgrind };
      const { stacks } = await explain({ ...on, sequence, kind, debuggers, deadlineMs });
      return { kind: 'explained', id, signature, stacks };
    },
    switchOff({ qemu, without }) {
      lacking.set(qemu, [...(lacking.get(qemu) ?? []), without]);
      for (const { target } of plan.programs)
        if (target.path === qemu) handOver(target, lacking.get(qemu) ?? []);
    },
    setMasks(next) {
      masks = next;
    },
    noteReported: ({ version, signatures }) => known.note(version, signatures),
    kill: () => sessions.kill(),
  };

  async function confirmOn({ task, sequence, signatures }: Suspect, lane: number): Promise<Confirmed> {
    const begunMs = performance.now();
    const { program } = task;
    const tryOut = openTryOut({
      ...sessions.program(program),
      sessions: sessions.side('confirm', program, lane),
    });
    const tried = await tryOut(sequence);
    known.confirmed(versionOf(task), signatures);
    const ran = await ranOf(task, sequence, tried, { begunMs, masked: 0 });
    return { kind: 'confirmed', ran };
  }

  async function runOn(
    task: RunTask,
    begunMs: number,
    begins?: (sequence: Sequence) => void,
  ): Promise<{ ran: Ran; suspect?: Suspect }> {
    const property = properties.find(({ name }) => name === task.property);
    if (!property) throw new Error(`there is no property "${task.property}"`);
    const program = sessions.program(task.program);
    const on = sessions.main(task.program);
    const version = versionOf(task);
    const { sequence, masked } = makeSequence(task, property, await binaryOf(program, on), masks, (mask) =>
      evidence.chance(mask, version),
    );
    const tryOut = openTryOut({ ...program, ...on });
    begins?.(sequence);
    const tried = await tryOut(sequence, (signature) => known.state(version, signature) !== 'new');
    evidence.note(masks, { version, sequence, tried });
    if (!tried.suspect) return { ran: await ranOf(task, sequence, tried, { begunMs, masked }) };
    const { signatures } = tried;
    known.suspect(version, signatures);
    const unjudged = { ...tried, signatures: [], violations: [] };
    const ran = await ranOf(task, sequence, unjudged, { begunMs, masked });
    return { ran: { ...ran, suspect: true }, suspect: { task, sequence, signatures } };
  }

  function versionOf({ program }: RunTask): string {
    return sessions.program(program).target.version;
  }

  async function binaryOf(
    { target, flavour, storage = [] }: ProgramPlan,
    on: PairedSessions,
  ): Promise<Binary> {
    const without = new Set((lacking.get(target.path) ?? []).map(({ thing }) => thing));
    return { version: target.version, flavour, schema: await on.sessions.schema(), storage, without };
  }

  async function ranOf(
    task: RunTask,
    sequence: Sequence,
    { trace, edges = [], violations, verdicts, signatures, reason, trouble }: Tried,
    { begunMs, masked }: { begunMs: number; masked: number },
  ): Promise<Ran> {
    const schema = await sessions.main(task.program).sessions.schema();
    const version = versionOf(task);
    const seen = firstOfEachKind(violations).flatMap((violation): SeenViolation[] => {
      const signature = signatures[violations.indexOf(violation)] as string;
      const state = known.state(version, signature);
      if (state === 'suspected') return []; // whether it is one is being looked at
      known.note(version, [signature]);
      return [{ signature, violation, ...(state === 'new' ? { trace } : {}) }];
    });
    const shown = [...featuresOf(trace, verdicts, schema), ...edges.map(edgeFeature)];
    const fresh = shown.filter((each) => !features.has(each));
    for (const each of fresh) features.add(each);
    const keep = fresh.length > 0 || seen.length > 0;
    return {
      kind: 'ran',
      index: task.index,
      program: task.program,
      property: task.property,
      title: sequence.title,
      masked,
      ...countsOf(trace),
      coverage: coverageOf(trace, schema),
      features: fresh,
      violations: seen,
      verdicts: brief(verdicts),
      ...(keep ? { sequence, moments: jobStatusMoments(trace, schema) } : { moments: [] }),
      ...(reason === undefined ? {} : { reason }),
      ...(trouble ? { trouble } : {}),
      uses: optionalIn(sequence),
      elapsedMs: performance.now() - begunMs,
      sessionsStarted: sessions.started(),
    };
  }
}
