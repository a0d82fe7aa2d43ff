import { join } from 'node:path';
import pLimit from 'p-limit';
import type { EnvironmentError } from '../errors.ts';
import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import type { Verdict } from '../judge/ledger.ts';
import type { Violation } from '../judge/rule.ts';
import { optionalIn } from '../sequence/optional.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { limits } from './limits.ts';
import { type Judged, runAndJudge } from './run-and-judge.ts';
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
  violations: readonly Violation[];
  /** What each rule said; of one that was not run, or that the machine cut short, nothing. */
  verdicts: readonly Verdict[];
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
  const traceFile = traceNames(plan);
  const troubles = openTroubles(plan.programs.map(whereOf));
  let failure: Trouble | undefined;
  let judged = 0;
  let killed = false;
  const limit = pLimit(Math.max(1, plan.workers));
  const running = plan.programs.map((program, at) => limit(() => runProgram(at, program)));

  return {
    finished: Promise.all(running).then(() => {}),
    async kill() {
      killed = true;
      await Promise.all(open.map((sessions) => sessions.kill()));
    },
    hopeless: () => (failure && judged === 0 ? asError(failure) : undefined),
    sessionsStarted: () => open.reduce((sum, sessions) => sum + sessions.started(), 0),
  };

  async function runProgram(at: number, program: RunPlan['programs'][number]): Promise<void> {
    if (killed) return;
    const { root, tool, rawSha1 = false } = plan;
    const sessions = openSessions({ ...program, root, tool, rawSha1 });
    open.push(sessions);
    try {
      for (const [i, named] of plan.sequences.entries()) {
        if (killed || plan.isWanted?.(program, i) === false) break;
        const file = traceFile(i, at);
        const on = { ...program, sessions, ...(file === undefined ? {} : { traceFile: file }) };
        const ran = left(named, program) ?? outcomeOf(await runAndJudge(named.sequence, on));
        note(named, program, ran);
        if (!killed) report({ named, ...program, ...ran });
      }
    } finally {
      if (!killed) await sessions.close();
    }
  }

  /** What failed again and again is not waited for once more. */
  function left({ sequence }: NamedSequence, program: RunPlan['programs'][number]): Outcome | undefined {
    const { qemu, program: name } = whereOf(program);
    const thing = [name, ...optionalIn(sequence)].find((each) => troubles.isOff(qemu, each));
    if (thing === undefined) return undefined;
    const reason = `${thing} failed ${limits.thingFailuresMax} times in a row, so this was not run`;
    return { verdict: 'unknown', reason, trace: [], violations: [], verdicts: [] };
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

type Outcome = Pick<RunItem, 'verdict' | 'reason' | 'trouble' | 'trace' | 'violations' | 'verdicts'>;

function outcomeOf({ violations, verdicts, trace, reason, trouble, isSkipped }: Judged): Outcome {
  const isUndecided = reason !== undefined || trouble !== undefined;
  return {
    verdict: violations.length > 0 ? 'fail' : isSkipped ? 'skipped' : isUndecided ? 'unknown' : 'pass',
    ...(reason === undefined ? {} : { reason }),
    ...(trouble ? { trouble } : {}),
    trace,
    violations,
    verdicts,
  };
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
