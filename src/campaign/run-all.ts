import { join } from 'node:path';
import { execute } from '../execute/execute.ts';
import { keepSchema } from '../execute/schema-store.ts';
import { openSessions, type Sessions } from '../execute/sessions.ts';
import { openTraceFile } from '../execute/trace-file.ts';
import { judge, undecided } from '../judge/judge.ts';
import type { Violation } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { missing } from './requirement.ts';
import { mustHaveHadRoom } from './room.ts';

export type NamedSequence = { name: string; file: string; sequence: Sequence };

export type RunItem = {
  named: NamedSequence;
  target: QemuTarget;
  flavour: Flavour;
  verdict: 'pass' | 'fail' | 'skipped' | 'unknown';
  /** Why it was skipped or is unknown. */
  reason?: string;
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
  /** Directory for a trace.jsonl of each run. */
  tracesDir?: string;
};

export type RunAll = {
  /** Runs every sequence once on every program; `ran` hears of each as it ends. */
  finished: Promise<void>;
  /** Stops at once: no further sequence is begun, the sessions are killed. */
  kill(): Promise<void>;
  sessionsStarted(): number;
};

export function runAll(plan: RunPlan, ran: (item: RunItem) => void): RunAll {
  const open: Sessions[] = [];
  const queue = [...plan.programs];
  let killed = false;
  const lanes = Array.from({ length: Math.max(1, Math.min(plan.workers, queue.length)) }, () => lane());

  return {
    finished: Promise.all(lanes).then(() => {}),
    async kill() {
      killed = true;
      await Promise.all(open.map((sessions) => sessions.kill()));
    },
    sessionsStarted: () => open.reduce((sum, sessions) => sum + sessions.started(), 0),
  };

  async function lane(): Promise<void> {
    for (let program = queue.shift(); program && !killed; program = queue.shift()) {
      const sessions = openSessions({ ...program, root: plan.root, tool: plan.tool });
      open.push(sessions);
      try {
        for (const named of plan.sequences) {
          if (killed) return;
          const item = { named, ...program, ...(await runOne(named, program, sessions, plan.tracesDir)) };
          if (!killed) ran(item);
        }
      } finally {
        if (!killed) await sessions.close();
      }
    }
  }
}

type Outcome = Pick<RunItem, 'verdict' | 'reason' | 'trace' | 'violations'>;

async function runOne(
  { name, sequence }: NamedSequence,
  { target, flavour }: { target: QemuTarget; flavour: Flavour },
  sessions: Sessions,
  tracesDir: string | undefined,
): Promise<Outcome> {
  const schema = sessions.schema;
  const lacks = await missing(sequence.requires, { version: target.version, flavour, schema });
  if (lacks !== undefined) return { verdict: 'skipped', reason: lacks, trace: [], violations: [] };

  const file =
    tracesDir === undefined ? undefined : openTraceFile(join(tracesDir, traceName(name, target, flavour)));
  const { trace, pristine, freeBytesLeft } = await execute(
    sequence,
    await sessions.pristine(sequence),
    file?.sink,
  ).finally(() => file?.close());
  await sessions.giveBack(pristine);
  const introspection = await sessions.introspection();
  if (tracesDir !== undefined) keepSchema(introspection, join(tracesDir, 'schemas'));
  const violations = judge(trace, introspection.schema);
  const reason = undecided(trace);
  if (violations.length === 0 && reason === undefined) return { verdict: 'pass', trace, violations };
  mustHaveHadRoom(trace, freeBytesLeft);
  return violations.length > 0
    ? { verdict: 'fail', trace, violations }
    : { verdict: 'unknown', reason: reason as string, trace, violations };
}

function traceName(name: string, target: QemuTarget, flavour: Flavour): string {
  return `${name.replaceAll('/', '_')}.${target.version}.${flavour}.trace.jsonl`;
}
