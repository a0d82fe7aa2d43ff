import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { noCoverage } from '../../src/campaign/feedback/coverage.ts';
import type { Ran, RunTask } from '../../src/campaign/worker/worker-messages.ts';
import { signatureOf } from '../../src/findings/signature.ts';
import { openFindings } from '../../src/findings/store.ts';
import { judge } from '../../src/judge/judge.ts';
import type { Lane } from '../../src/lab/lane.ts';

const findings = join(import.meta.dirname, '..', '..', 'findings');
const stored = openFindings(findings).read('05d1bdd82fd2');
const sequence = stored.sequence();
const trace = stored.trace();
const violation = judge(trace).violations[0];
if (!violation) throw new Error('the stored trace breaks nothing');
export const cannedSignature = signatureOf(violation, trace);

/**
 * A lane without QEMU: each sequence takes `msEach` and shows one feature, its property and seed, so that a test can see
 * which were counted; every `crashEvery`th breaks a rule. `log`: a line for each, as it is run.
 */
export function cannedLane(how: {
  msEach: number;
  crashEvery?: number;
  features?: boolean;
  log?: string;
}): Lane {
  let shown = false;
  return {
    async run(task) {
      if (how.msEach > 0) await pause(how.msEach);
      if (how.log !== undefined) appendFileSync(how.log, `${nameOf(task)}\n`);
      return cannedRan(task);
    },
    async shrink({ id, program, signature }) {
      const elapsedMs = how.msEach;
      const reproduced = { ok: 3, of: 3 };
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
      shown = false;
    },
    async close() {},
  };

  function cannedRan(task: RunTask): Ran {
    const crashes = how.crashEvery !== undefined && task.index % how.crashEvery === 0;
    const seen = { signature: cannedSignature, violation: violation as never };
    const violations = crashes ? [{ ...seen, ...(shown ? {} : { trace }) }] : [];
    if (crashes) shown = true;
    const isTelling = how.features !== false || crashes;
    return {
      kind: 'ran',
      ...{ index: task.index, program: task.program, property: task.property, title: sequence.title },
      coverage: { ...noCoverage(), sequences: 1, commands: 3, triples: { 'running job-pause ok': 1 } },
      ...{ masked: 0, guestWrites: 0, faultsInjected: 0, commands: 5, elapsedMs: how.msEach },
      features: isTelling ? [`ran ${nameOf(task)}`] : [],
      violations,
      ...{ verdicts: [['state/verb-reply', 1, 0]], moments: [], sessionsStarted: 1, uses: [] },
      ...(isTelling ? { sequence } : {}),
    };
  }
}

const nameOf = ({ property, seed, program }: RunTask): string => `${property} ${seed} ${program}`;
