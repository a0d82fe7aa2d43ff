import { openPairedSessions, type PairedSessions } from '../../execute/sessions/paired-sessions.ts';
import { openSessions, type Sessions } from '../../execute/sessions/sessions.ts';
import type { RunRoot } from '../../target/run-dir.ts';
import type { ProgramPlan, WorkerPlan } from './worker-messages.ts';

/** The sessions of one worker, by the number of the program in its plan; each is kept over many tasks. */
export type WorkerSessions = {
  program(index: number): ProgramPlan;
  main(index: number): PairedSessions;
  /** For work that waits more than it works, beside the main one; `lane`: of several that do it at the same time. */
  side(work: 'confirm' | 'shrink', index: number, lane?: number): Sessions;
  /** QEMUs started so far. */
  started(): number;
  kill(): Promise<void>;
};

export function openWorkerSessions(plan: WorkerPlan, root: RunRoot): WorkerSessions {
  const main = new Map<number, PairedSessions>();
  const side = new Map<string, Sessions>();
  return {
    program,
    main(index) {
      const how = { ...program(index), root, tool: plan.tool, tracePoints: true };
      const open =
        main.get(index) ?? (plan.isolated ? openPairedSessions(how) : { sessions: openSessions(how) });
      main.set(index, open);
      return open;
    },
    side(work, index, lane = 0) {
      const key = `${work} ${index} ${lane}`;
      const open = side.get(key) ?? openSessions({ ...program(index), root, tool: plan.tool });
      side.set(key, open);
      return open;
    },
    started: () => all().reduce((sum, each) => sum + each.started(), 0),
    async kill() {
      await Promise.all(all().map((each) => each.kill()));
    },
  };

  function program(index: number): ProgramPlan {
    const found = plan.programs[index];
    if (!found) throw new Error(`there is no program ${index}`);
    return found;
  }

  function all(): Sessions[] {
    return [...[...main.values()].map((each) => each.sessions), ...side.values()];
  }
}
