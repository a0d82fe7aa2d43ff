import { openPairedSessions, type PairedSessions } from '../execute/paired-sessions.ts';
import { openSessions } from '../execute/sessions.ts';
import { aim } from '../generate/aim.ts';
import { drawFrom } from '../generate/draw.ts';
import { mutate } from '../generate/mutate.ts';
import type { Property } from '../generate/property.ts';
import type { Binary } from '../generate/situation.ts';
import { isCoherent } from '../sequence/coherent.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { RunRoot } from '../target/run-dir.ts';
import { countsOf, coverageOf } from './coverage.ts';
import { freshSequence } from './dry-run.ts';
import { leading } from './leading.ts';
import { limits } from './limits.ts';
import { type Mask, steerRound } from './mask.ts';
import { momentsOf } from './moments.ts';
import { featuresOf } from './novelty.ts';
import { loadProperties } from './properties.ts';
import { shrinkOnProgram } from './shrink-on-program.ts';
import { openTryOut } from './try-out.ts';
import type {
  Ran,
  RunTask,
  SeenViolation,
  ShrinkEnded,
  ShrinkTask,
  Told,
  WorkerPlan,
} from './worker-messages.ts';

/** What one worker does: makes a sequence, runs it on a session that it keeps, judges it; or shrinks one. */
export type TaskRunner = {
  run(task: RunTask): Promise<Ran>;
  shrink(task: ShrinkTask): Promise<ShrinkEnded>;
  setMasks(masks: readonly Mask[]): void;
  noteTold(told: Told): void;
  kill(): Promise<void>;
};

export async function openTaskRunner(plan: WorkerPlan, root: RunRoot): Promise<TaskRunner> {
  const properties = await loadProperties(plan.propertyFiles);
  const sessions = new Map<number, PairedSessions>();
  const features = new Set<string>();
  const told = new Set<string>();
  let masks: readonly Mask[] = [];

  return {
    async run(task) {
      const begunMs = performance.now();
      const property = properties.find(({ name }) => name === task.property);
      if (!property) throw new Error(`there is no property "${task.property}"`);
      const on = sessionsOf(task.program);
      const { sequence, masked } = await make(task, property, on);
      const { momentsSeen, ...ran } = await runJudged(task, sequence, on);
      const fresh = [...ran.features].filter((each) => !features.has(each));
      for (const each of fresh) features.add(each);
      const keep = fresh.length > 0 || ran.violations.length > 0;
      return {
        kind: 'ran',
        index: task.index,
        program: task.program,
        property: task.property,
        title: sequence.title,
        masked,
        ...ran,
        features: fresh,
        ...(keep ? { sequence, moments: momentsSeen() } : { moments: [] }),
        elapsedMs: performance.now() - begunMs,
        sessionsStarted: started(),
      };
    },
    async shrink(task) {
      const program = programOf(task.program);
      const ended = await shrinkOnProgram(task, {
        ...program,
        ...sessionsOf(task.program),
        root,
        tool: plan.tool,
      });
      return { ...ended, sessionsStarted: started() };
    },
    setMasks(next) {
      masks = next;
    },
    noteTold({ version, signatures }) {
      for (const signature of signatures) told.add(`${version} ${signature}`);
    },
    async kill() {
      await Promise.all([...sessions.values()].map((each) => each.sessions.kill()));
    },
  };

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

  function started(): number {
    return [...sessions.values()].reduce((sum, each) => sum + each.sessions.started(), 0);
  }

  async function make(task: RunTask, property: Property, on: PairedSessions) {
    const { target, flavour, storage = [] } = programOf(task.program);
    const binary: Binary = {
      version: target.version,
      flavour,
      schema: await on.sessions.schema(),
      storage,
    };
    const varied = variant(task, property, binary);
    const sequence = varied && isCoherent(varied) ? varied : freshSequence(property, binary, task);
    const steering = drawFrom(`mask ${task.seed}`);
    return steerRound(sequence, masks, (mask) => steering.chance(mask.rate * limits.maskedShare));
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

  async function runJudged(task: RunTask, sequence: Sequence, on: PairedSessions) {
    const { target, flavour } = programOf(task.program);
    const tryOut = openTryOut({ target, flavour, ...on });
    const isKnown = (signature: string): boolean => told.has(`${target.version} ${signature}`);
    const { trace, violations, signatures, reason } = await tryOut(sequence, isKnown);
    const schema = await on.sessions.schema();
    const seen = leading(violations).map((violation): SeenViolation => {
      const signature = signatures[violations.indexOf(violation)] as string;
      if (isKnown(signature)) return { signature, violation };
      told.add(`${target.version} ${signature}`);
      return { signature, violation, trace };
    });
    return {
      ...countsOf(trace),
      coverage: coverageOf(trace, schema),
      features: featuresOf(trace, schema),
      momentsSeen: () => momentsOf(trace, schema),
      violations: seen,
      ...(reason === undefined ? {} : { reason }),
    };
  }
}
