import { type Judged, runAndJudge } from '../campaign/run-and-judge.ts';
import { openSessions, type Sessions } from '../execute/sessions/sessions.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import type { Aspect } from './aspect.ts';
import { aspectsOf } from './aspects.ts';
import { type Compared, compare, type Difference } from './compare.ts';
import { limits } from './limits.ts';
import { foldedBy } from './rules.ts';

/** A sequence, and the flavour that it is run in. */
export type DiffItem = { name: string; sequence: Sequence; flavour: Flavour };

export type DiffPlan = {
  /** Two or more; the first is run against itself, too. */
  targets: readonly QemuTarget[];
  items: readonly DiffItem[];
  workers: number;
  budgetMs: number;
  root: RunRoot;
  tool: { name: string; version: string };
};

/**
 * What one sequence came to. `on`: the targets that it was compared on, by their place in the plan. `traces`: a run on each
 * of these, where they differ and no rule explains it.
 */
export type DiffResult = { item: DiffItem; runs: number } & (
  | { is: 'compared'; on: readonly number[]; compared: Compared; traces?: readonly Trace[] }
  /** Fewer than two QEMUs have what it needs, or the machine failed. */
  | { is: 'skipped' | 'undecided'; reason: string }
);

export type Diffing = { finished: Promise<void>; kill(): Promise<void> };

/**
 * Runs each sequence on every QEMU, one after the other, and on the first twice. What differs and is explained by nothing
 * is run again on all of them, until it no longer differs or `limits.recheckRuns` are over.
 */
export function diffVersions(plan: DiffPlan, report: (result: DiffResult) => void): Diffing {
  const endMs = performance.now() + plan.budgetMs;
  const queue = [...plan.items];
  const open = new Set<Sessions>();
  let killed = false;
  const lanes = Array.from({ length: Math.max(1, plan.workers) }, lane);
  return {
    finished: Promise.all(lanes).then(() => {}),
    async kill() {
      killed = true;
      await Promise.all([...open].map((sessions) => sessions.kill()));
    },
  };

  async function lane(): Promise<void> {
    const own = new Map<string, Sessions>();
    try {
      while (!killed && performance.now() < endMs) {
        const item = queue.shift();
        if (!item) break;
        const result = await diffOne(item, own);
        if (!killed) report(result);
      }
    } catch (error) {
      if (!killed) throw error; // what goes wrong once the sessions are killed says nothing
    } finally {
      if (!killed) await Promise.all([...own.values()].map((sessions) => sessions.close()));
    }
  }

  async function diffOne(item: DiffItem, own: Map<string, Sessions>): Promise<DiffResult> {
    const runs: Aspect[][][] = plan.targets.map(() => []);
    const traces: Trace[] = [];
    const skipped = new Set<number>();
    let count = 0;
    for (const at of [0, ...plan.targets.keys()]) {
      const failed = await again(at);
      if (failed !== undefined) return { item, runs: count, is: 'undecided', reason: failed };
    }
    const on = [...plan.targets.keys()].filter((at) => !skipped.has(at));
    if (on.length < 2)
      return { item, runs: count, is: 'skipped', reason: 'fewer than two of the QEMUs have what it needs' };
    const compared = (): Compared => compare(on.map((at) => ({ runs: runs[at] ?? [] })));
    const versions = on.map((at) => plan.targets[at]?.version ?? '');
    for (let round = 0; round < limits.recheckRuns; round++) {
      if (!hasUnexplained(compared().differences, versions)) break;
      for (const at of on) {
        const failed = await again(at);
        if (failed !== undefined) return { item, runs: count, is: 'undecided', reason: failed };
      }
    }
    const result = { item, runs: count, is: 'compared' as const, on, compared: compared() };
    if (!hasUnexplained(result.compared.differences, versions)) return result;
    return { ...result, traces: on.map((at) => traces[at] ?? []) };

    /** One run more; what is returned says why it came to nothing. */
    async function again(at: number): Promise<string | undefined> {
      if (skipped.has(at)) return undefined;
      const sessions = sessionsOf(at, item.flavour, own);
      const target = plan.targets[at] as QemuTarget;
      const ran = await runAndJudge(item.sequence, { target, flavour: item.flavour, sessions });
      if (ran.isSkipped) {
        skipped.add(at);
        return undefined;
      }
      count++;
      if (isWithoutTrace(ran)) return ran.reason ?? 'it could not be run';
      traces[at] = ran.trace;
      runs[at]?.push(aspectsOf(ran.trace, await sessions.schema()));
      return undefined;
    }
  }

  function sessionsOf(at: number, flavour: Flavour, own: Map<string, Sessions>): Sessions {
    const key = `${at} ${flavour}`;
    const { root, tool } = plan;
    const target = plan.targets[at] as QemuTarget;
    const sessions = own.get(key) ?? openSessions({ target, flavour, root, tool });
    own.set(key, sessions);
    open.add(sessions);
    return sessions;
  }
}

/** The machine failed, or what looks like an unanswered command may be a lost message. */
const isWithoutTrace = (ran: Judged): boolean =>
  ran.trouble !== undefined || ran.maybeLostDatagram === true || ran.trace.length === 0;

const hasUnexplained = (differences: readonly Difference[], versions: readonly string[]): boolean =>
  differences.some((each) => foldedBy(each, versions) === undefined);
