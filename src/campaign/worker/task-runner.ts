import { EnvironmentError } from '../../errors.ts';
import { openPairedSessions, type PairedSessions } from '../../execute/sessions/paired-sessions.ts';
import { openSessions, type Sessions } from '../../execute/sessions/sessions.ts';
import { aim } from '../../generate/aim.ts';
import { drawFrom } from '../../generate/draw.ts';
import { mutate } from '../../generate/mutate.ts';
import type { Property } from '../../generate/property.ts';
import type { Binary } from '../../generate/situation.ts';
import { isCoherent } from '../../sequence/coherent.ts';
import { type Optional, optionalIn } from '../../sequence/optional.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { RunRoot } from '../../target/run-dir.ts';
import { handOver, type Without } from '../../target/storage/usable.ts';
import { type Mask, steerRound } from '../discoveries/mask.ts';
import { freshSequence } from '../dry-run.ts';
import { countsOf, coverageOf } from '../feedback/coverage.ts';
import { jobStatusMoments } from '../feedback/job-status-moments.ts';
import { featuresOf } from '../feedback/novelty.ts';
import { limits } from '../limits.ts';
import { loadProperties } from '../properties.ts';
import { shrinkOnProgram } from '../shrink-on-program.ts';
import { troubleFrom } from '../trouble/trouble.ts';
import { openTryOut, type Tried } from '../try-out.ts';
import { firstOfEachKind } from './first-of-each-kind.ts';
import { isHang } from './is-hang.ts';
import { troubledRan } from './troubled-ran.ts';
import type {
  Confirmed,
  Ran,
  RunTask,
  SeenViolation,
  ShrinkEnded,
  ShrinkFailed,
  ShrinkTask,
  SignaturesMet,
  SwitchOff,
  WorkerPlan,
} from './worker-messages.ts';

/** What one worker does: makes a sequence, runs it on a session that it keeps, judges it; or shrinks one. */
export type TaskRunner = {
  /** `begins` hears of the sequence just before it is run. */
  run(task: RunTask, begins?: (sequence: Sequence) => void): Promise<{ ran: Ran; suspect?: Suspect }>;
  /** Waits more than it works, as shrinking a hang does: on sessions of its own, beside other tasks. */
  confirm(suspect: Suspect): Promise<Confirmed>;
  shrink(task: ShrinkTask): Promise<ShrinkEnded | ShrinkFailed>;
  switchOff(order: SwitchOff): void;
  setMasks(masks: readonly Mask[]): void;
  noteTold(told: SignaturesMet): void;
  kill(): Promise<void>;
};

/** A sequence that hangs as nothing known does, to an impatient look. */
export type Suspect = { task: RunTask; sequence: Sequence; signatures: readonly string[] };

export async function openTaskRunner(plan: WorkerPlan, root: RunRoot): Promise<TaskRunner> {
  const properties = await loadProperties(plan.propertyFiles);
  const sessions = new Map<number, PairedSessions>();
  const features = new Set<string>();
  const told = new Set<string>();
  const suspected = new Set<string>();
  const sideSessions = { confirm: new Map<number, Sessions>(), shrink: new Map<number, Sessions>() };
  let masks: readonly Mask[] = [];
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
        return { ran: troubledRan(task, troubleFrom(error), { begunMs, sessionsStarted: started() }) };
      }
    },
    async confirm({ task, sequence, signatures }) {
      const begunMs = performance.now();
      const tryOut = openTryOut({ ...programOf(task.program), sessions: asideOf('confirm', task.program) });
      const tried = await tryOut(sequence);
      for (const signature of signatures) suspected.delete(keyOf(task, signature));
      const ran = await ranOf(task, sequence, tried, { begunMs, masked: 0 });
      return { kind: 'confirmed', ran };
    },
    async shrink(task) {
      const on = isHang(task.signature)
        ? { sessions: asideOf('shrink', task.program) }
        : sessionsOf(task.program);
      const where = { ...programOf(task.program), ...on, root, tool: plan.tool };
      try {
        return { ...(await shrinkOnProgram(task, where)), sessionsStarted: started() };
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        const { id, signature } = task;
        return { kind: 'shrink-failed', id, signature, trouble: troubleFrom(error) };
      }
    },
    switchOff({ qemu, without }) {
      lacking.set(qemu, [...(lacking.get(qemu) ?? []), without]);
      for (const { target } of plan.programs)
        if (target.path === qemu) handOver(target, lacking.get(qemu) ?? []);
    },
    setMasks(next) {
      masks = next;
    },
    noteTold({ version, signatures }) {
      for (const signature of signatures) told.add(`${version} ${signature}`);
    },
    async kill() {
      await Promise.all([...all()].map((each) => each.kill()));
    },
  };

  async function runOn(
    task: RunTask,
    begunMs: number,
    begins?: (sequence: Sequence) => void,
  ): Promise<{ ran: Ran; suspect?: Suspect }> {
    const property = properties.find(({ name }) => name === task.property);
    if (!property) throw new Error(`there is no property "${task.property}"`);
    const on = sessionsOf(task.program);
    const { sequence, masked } = await make(task, property, on);
    const tryOut = openTryOut({ ...programOf(task.program), ...on });
    begins?.(sequence);
    const tried = await tryOut(sequence, (signature) => isKnown(task, signature));
    if (!tried.suspect) return { ran: await ranOf(task, sequence, tried, { begunMs, masked }) };
    const { signatures } = tried;
    for (const signature of signatures) suspected.add(keyOf(task, signature));
    const unjudged = { ...tried, signatures: [], violations: [] };
    const ran = await ranOf(task, sequence, unjudged, { begunMs, masked });
    return { ran: { ...ran, suspect: true }, suspect: { task, sequence, signatures } };
  }

  function programOf(index: number) {
    const program = plan.programs[index];
    if (!program) throw new Error(`there is no program ${index}`);
    return program;
  }

  /** Kept over many tasks. */
  function sessionsOf(program: number): PairedSessions {
    const how = { ...programOf(program), root, tool: plan.tool, tracePoints: true };
    const open =
      sessions.get(program) ?? (plan.isolated ? openPairedSessions(how) : { sessions: openSessions(how) });
    sessions.set(program, open);
    return open;
  }

  function asideOf(what: keyof typeof sideSessions, program: number): Sessions {
    const open =
      sideSessions[what].get(program) ?? openSessions({ ...programOf(program), root, tool: plan.tool });
    sideSessions[what].set(program, open);
    return open;
  }

  function all(): Sessions[] {
    const main = [...sessions.values()].map((each) => each.sessions);
    return [...main, ...sideSessions.confirm.values(), ...sideSessions.shrink.values()];
  }

  function started(): number {
    return all().reduce((sum, each) => sum + each.started(), 0);
  }

  function keyOf({ program }: RunTask, signature: string): string {
    return `${programOf(program).target.version} ${signature}`;
  }

  function isKnown(task: RunTask, signature: string): boolean {
    const key = keyOf(task, signature);
    return told.has(key) || suspected.has(key);
  }

  async function make(task: RunTask, property: Property, on: PairedSessions) {
    const { target, flavour, storage = [] } = programOf(task.program);
    const binary: Binary = {
      version: target.version,
      flavour,
      schema: await on.sessions.schema(),
      storage,
      without: withoutOn(target.path),
    };
    const varied = variant(task, property, binary);
    const isPossible = varied && isCoherent(varied) && !wantsLacking(varied, target.path);
    const whole = isPossible ? varied : freshSequence(property, binary, task);
    // Replies and events can be judged all the same; the summary says that no image is.
    const { after, ...rest } = whole;
    const sequence = after && withoutOn(target.path).has('qemu-img') ? rest : whole;
    const steering = drawFrom(`mask ${task.seed}`);
    return steerRound(sequence, masks, (mask) => steering.chance(mask.rate * limits.maskedShare));
  }

  function withoutOn(qemu: string): ReadonlySet<Optional> {
    return new Set((lacking.get(qemu) ?? []).map(({ thing }) => thing));
  }

  /** What it varies may come from another machine, or from before something was switched off. */
  function wantsLacking(sequence: Sequence, qemu: string): boolean {
    const without = withoutOn(qemu);
    return optionalIn(sequence).some((thing) => without.has(thing));
  }

  function variant({ origin, index, seed }: RunTask, property: Property, binary: Binary) {
    const title = `${property.name} ${index}`;
    switch (origin.from) {
      case 'property':
        return undefined;
      case 'parents':
        return { ...mutate(origin.parents, property, binary, drawFrom(seed)), title };
      case 'aim': {
        const aimed = aim(origin.to, property, binary, drawFrom(seed));
        return aimed && { ...aimed, title };
      }
    }
  }

  async function ranOf(
    task: RunTask,
    sequence: Sequence,
    { trace, violations, signatures, reason, trouble }: Tried,
    { begunMs, masked }: { begunMs: number; masked: number },
  ): Promise<Ran> {
    const schema = await sessionsOf(task.program).sessions.schema();
    const seen = firstOfEachKind(violations).flatMap((violation): SeenViolation[] => {
      const signature = signatures[violations.indexOf(violation)] as string;
      const key = keyOf(task, signature);
      if (suspected.has(key)) return []; // whether it is one is being looked at
      if (told.has(key)) return [{ signature, violation }];
      told.add(key);
      return [{ signature, violation, trace }];
    });
    const fresh = [...featuresOf(trace, schema)].filter((each) => !features.has(each));
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
      ...(keep ? { sequence, moments: jobStatusMoments(trace, schema) } : { moments: [] }),
      ...(reason === undefined ? {} : { reason }),
      ...(trouble ? { trouble } : {}),
      uses: optionalIn(sequence),
      elapsedMs: performance.now() - begunMs,
      sessionsStarted: started(),
    };
  }
}
