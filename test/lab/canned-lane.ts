import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { noCoverage } from '../../src/campaign/feedback/coverage.ts';
import { edgeFeature } from '../../src/campaign/feedback/novelty.ts';
import type { Ran, RunTask } from '../../src/campaign/worker/worker-messages.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { openFindings } from '../../src/findings/store.ts';
import { judge } from '../../src/judge/judge.ts';
import type { Lane } from '../../src/lab/lane.ts';

const store = openFindings(join(import.meta.dirname, '..', '..', 'findings'));
/** Stored findings, small ones; each with what its trace breaks. */
const defects = ['05d1bdd82fd2', 'ff3c2e42e1c1', '872f10513b82'].map((id) => {
  const stored = store.read(id);
  const [sequence, trace] = [stored.sequence(), stored.trace()];
  const violation = judge(trace).violations[0];
  if (!violation) throw new Error(`the stored trace of ${id} breaks nothing`);
  return { sequence, trace, violation, signature: signatureOf(violation, trace) };
});
type Defect = (typeof defects)[number];
const [plain] = defects as [Defect];

/** `crashEvery`: the number of every so many crashes; `defects`: that many different ones, in turn. */
export type CannedCrashes = { crashEvery?: number; defects?: number };

/** What the sequence with a number breaks, on one machine as in a lab. */
export const cannedDefect = (index: number, { crashEvery, defects: kinds = 1 }: CannedCrashes) =>
  crashEvery !== undefined && index % crashEvery === 0 ? defects[(index / crashEvery) % kinds] : undefined;

/**
 * A lane without QEMU: each sequence takes `msEach` and shows one feature and one value, its property and seed, so that a
 * test can see which were counted, and how often; some break a rule. `names`: of how many triples each has forty. `log`: a line for each, as it is run.
 */
export function cannedLane(
  how: CannedCrashes & { msEach: number; features?: boolean; log?: string; names?: number },
): Lane {
  const shown = new Set<string>();
  return {
    async run(task) {
      if (how.msEach > 0) await pause(how.msEach);
      if (how.log !== undefined) appendFileSync(how.log, `${nameOf(task)}\n`);
      return cannedRan(task);
    },
    async shrink({ id, program, signature }) {
      const elapsedMs = how.msEach;
      const reproduced = { ok: 3, of: 3 };
      const { sequence, trace, violation } = defects.find((each) => each.signature === signature) ?? plain;
      return {
        ...{ kind: 'shrunk', id, program, signature, sequence, reproduced, executions: 7, elapsedMs },
        ...{
          complete: true,
          shown: { trace, violation: violation as never, beside: [] },
          sessionsStarted: 1,
        },
      };
    },
    confirmed: async () => [],
    send() {},
    forget() {
      shown.clear();
    },
    async close() {},
  };

  function triplesOf({ index }: RunTask): Record<string, number> {
    const { names } = how;
    if (names === undefined) return { 'running job-pause ok': 1 };
    const nameOf = (i: number): string => `running blockdev-command-${(7 * index + i) % names} ok`;
    return Object.fromEntries(Array.from({ length: 40 }, (_, i) => [nameOf(i), 1]));
  }

  function cannedRan(task: RunTask): Ran {
    const defect = cannedDefect(task.index, how);
    const { sequence, trace, signature } = defect ?? plain;
    const isFirst = defect !== undefined && !shown.has(signature);
    if (isFirst) shown.add(signature);
    const violations = defect
      ? [{ signature, violation: defect.violation as never, ...(isFirst ? { trace } : {}) }]
      : [];
    const isTelling = how.features !== false || defect !== undefined;
    return {
      kind: 'ran',
      ...{ index: task.index, program: task.program, property: task.property, title: sequence.title },
      coverage: {
        ...{ ...noCoverage(), sequences: 1, commands: 3, triples: triplesOf(task) },
        values: isTelling ? { [`ran ${nameOf(task)}`]: 1 } : {},
      },
      ...{ masked: 0, guestWrites: 0, faultsInjected: 0, commands: 5, elapsedMs: how.msEach },
      // Two edges, again and again.
      features: isTelling ? [`ran ${nameOf(task)}`, edgeFeature(task.index % 2)] : [],
      violations,
      ...{ verdicts: [['state/verb-reply', 1, 0]], moments: [], sessionsStarted: 1, uses: [] },
      ...(isTelling ? { sequence } : {}),
    };
  }
}

export const nameOf = ({ property, seed, program }: RunTask): string => `${property} ${seed} ${program}`;
