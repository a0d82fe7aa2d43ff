import { dirname, join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { execute } from '../execute/execute.ts';
import { keepSchema } from '../execute/sessions/schema-store.ts';
import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import { openTraceFile } from '../execute/trace-file.ts';
import { judge } from '../judge/judge.ts';
import type { Violation } from '../judge/rule.ts';
import { undecided } from '../judge/undecided.ts';
import { optionalIn } from '../sequence/optional.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { limits } from './limits.ts';
import { cutShort } from './trouble/cut-short.ts';
import { mustHaveHadRoom } from './trouble/disk-full.ts';
import { missingFor } from './trouble/requirement.ts';
import { asError, type Trouble } from './trouble/trouble.ts';
import { openTroubles } from './trouble/troubles.ts';

export type NamedSequence = { name: string; file: string; sequence: Sequence };

export type RunItem = {
  named: NamedSequence;
  target: QemuTarget;
  flavour: Flavour;
  verdict: 'pass' | 'fail' | 'skipped' | 'unknown';
  /** Why it was skipped or is unknown; of a run that failed: what else of it could not be judged. */
  reason?: string;
  /** Where the machine failed. */
  trouble?: Trouble;
  trace: Trace;
  violations: Violation[];
};

export type RunPlan = {
  sequences: readonly NamedSequence[];
  /** Each program is driven by a session of its own; `workers` of them at a time. */
  programs: readonly { target: QemuTarget; flavour: Flavour }[];
  workers: number;
  root: RunRoot;
  tool: { name: string; version: string };
  /** As `SessionsPlan` has it. */
  rawSha1?: boolean;
  /** Asked before each run, by its number; where it says no, nothing more is run on that program. */
  isWanted?(program: { target: QemuTarget; flavour: Flavour }, run: number): boolean;
  /** Directory for a trace.jsonl of each run. */
  tracesDir?: string;
};

export type RunAll = {
  /** Runs every sequence once on every program; `report` hears of each as it ends. */
  finished: Promise<void>;
  /** Stops at once: no further sequence is begun, the sessions are killed. */
  kill(): Promise<void>;
  sessionsStarted(): number;
  /** The machine's failure, where it let nothing at all be judged. */
  hopeless(): EnvironmentError | undefined;
};

export function runAll(plan: RunPlan, report: (item: RunItem) => void): RunAll {
  const open: Sessions[] = [];
  const queue = [...plan.programs.entries()];
  const traceFile = traceNames(plan);
  const troubles = openTroubles(plan.programs.map(whereOf));
  let failure: Trouble | undefined;
  let judged = 0;
  let killed = false;
  const lanes = Array.from({ length: Math.max(1, Math.min(plan.workers, queue.length)) }, () => lane());

  return {
    finished: Promise.all(lanes).then(() => {}),
    async kill() {
      killed = true;
      await Promise.all(open.map((sessions) => sessions.kill()));
    },
    hopeless: () => (failure && judged === 0 ? asError(failure) : undefined),
    sessionsStarted: () => open.reduce((sum, sessions) => sum + sessions.started(), 0),
  };

  async function lane(): Promise<void> {
    for (let next = queue.shift(); next && !killed; next = queue.shift()) {
      const [at, program] = next;
      const sessions = openSessions({
        ...program,
        root: plan.root,
        tool: plan.tool,
        rawSha1: plan.rawSha1 ?? false,
      });
      open.push(sessions);
      try {
        for (const [i, named] of plan.sequences.entries()) {
          if (killed || plan.isWanted?.(program, i) === false) break;
          const ran = left(named, program) ?? (await runOne(named, program, sessions, traceFile(i, at)));
          note(named, program, ran);
          const item = { named, ...program, ...ran };
          if (!killed) report(item);
        }
      } finally {
        if (!killed) await sessions.close();
      }
    }
  }

  /** What failed again and again is not waited for once more. */
  function left({ sequence }: NamedSequence, program: RunPlan['programs'][number]): Outcome | undefined {
    const { qemu, program: name } = whereOf(program);
    const thing = [name, ...optionalIn(sequence)].find((each) => troubles.isOff(qemu, each));
    if (thing === undefined) return undefined;
    const reason = `${thing} failed ${limits.thingFailuresMax} times in a row, so this was not run`;
    return { verdict: 'unknown', reason, trace: [], violations: [] };
  }

  function note(
    { sequence }: NamedSequence,
    program: RunPlan['programs'][number],
    { verdict, trouble }: Outcome,
  ): void {
    if (verdict === 'pass' || verdict === 'fail') judged++;
    failure ??= trouble;
    if (!trouble && verdict !== 'pass' && verdict !== 'fail') return;
    troubles.note({ ...whereOf(program), uses: optionalIn(sequence), ...(trouble ? { trouble } : {}) });
  }
}

const whereOf = ({ target, flavour }: RunPlan['programs'][number]) => ({
  qemu: target.path,
  program: `QEMU ${flavour}`,
});

type Outcome = Pick<RunItem, 'verdict' | 'reason' | 'trouble' | 'trace' | 'violations'>;

async function runOne(
  { sequence }: NamedSequence,
  { target, flavour }: { target: QemuTarget; flavour: Flavour },
  sessions: Sessions,
  traceFile: string | undefined,
): Promise<Outcome> {
  const schema = sessions.schema;
  const lacks = await missingFor(sequence, { target, flavour, schema });
  if (lacks !== undefined) return { verdict: 'skipped', reason: lacks, trace: [], violations: [] };

  try {
    return await runHere(sequence, sessions, traceFile);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    await sessions.giveBack(false);
    const { trace, violations, reason, trouble } = cutShort(error);
    const verdict = violations.length > 0 ? 'fail' : 'unknown';
    return {
      verdict,
      reason: reason ?? error.message,
      trace: [...trace],
      violations: [...violations],
      ...(trouble ? { trouble } : {}),
    };
  }
}

async function runHere(
  sequence: Sequence,
  sessions: Sessions,
  traceFile: string | undefined,
): Promise<Outcome> {
  const file = traceFile === undefined ? undefined : openTraceFile(traceFile);
  const { trace, pristine, freeBytesLeft } = await execute(
    sequence,
    await sessions.pristine(sequence),
    file?.sink,
  ).finally(() => file?.close());
  await sessions.giveBack(pristine);
  const introspection = await sessions.introspection();
  if (traceFile !== undefined) keepSchema(introspection, join(dirname(traceFile), 'schemas'));
  const { violations } = judge(trace, introspection.schema);
  const reason = undecided(trace);
  if (violations.length === 0 && reason === undefined) return { verdict: 'pass', trace, violations };
  mustHaveHadRoom(trace, freeBytesLeft);
  const verdict = violations.length > 0 ? 'fail' : 'unknown';
  return { verdict, ...(reason === undefined ? {} : { reason }), trace, violations };
}

/** A file for each run, also where two sequences have the same name or two QEMUs the same version. */
function traceNames(plan: RunPlan): (sequence: number, program: number) => string | undefined {
  const names = distinct(plan.sequences.map(({ name }) => name.replaceAll('/', '_')));
  const programs = distinct(plan.programs.map(({ target, flavour }) => `${target.version}.${flavour}`));
  const dir = plan.tracesDir;
  return (sequence, program) =>
    dir === undefined ? undefined : join(dir, `${names[sequence]}.${programs[program]}.trace.jsonl`);
}

/** The second of a name is called NAME~2. */
function distinct(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}~${before + 1}`;
  });
}
