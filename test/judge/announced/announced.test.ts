import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { withSection } from '../../../scripts/announced.ts';
import { judge, rules } from '../../../src/judge/judge.ts';
import { isWithin } from '../../../src/qemu/versions.ts';
import type { Trace } from '../../../src/trace/observation.ts';
import { driving, events } from '../../execute/driving.ts';
import { onEveryQemu } from '../../real/qemus.ts';
import {
  type Action,
  canFail,
  type Job,
  jobs,
  type Policy,
  policies,
  type Side,
  sequenceOf,
  sides,
} from './cells.ts';
import { aspects, cells, decisionOf } from './matrix.ts';

const byName = new Map(rules.map((rule) => [rule.name, rule]));

describe('what an error announces', () => {
  test('is decided in every cell by rules that there are, or has a reason why none does', () => {
    expect(cells.length).toBe(jobs.length * sides.length * 3 * aspects.length);
    for (const cell of cells) {
      const decision = decisionOf(cell);
      expect(decision, JSON.stringify(cell)).toBeDefined();
      if (!decision) continue;
      if ('none' in decision) expect(decision.none.length).toBeGreaterThan(10);
      else expect(decision.rules.filter((name) => !byName.has(name))).toEqual([]);
      if ('rules' in decision) expect(decision.rules.length).toBeGreaterThan(0);
    }
  });

  test('stands in docs/rules.md as in the data', () => {
    const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8');
    expect(withSection(page)).toBe(page);
  });
});

const tried = jobs.flatMap((job) =>
  sides.flatMap((side) => (canFail(job, side) ? policies.map((policy) => ({ job, side, policy })) : [])),
);

onEveryQemu((driven) => {
  // Jobs are alike in both.
  if (driven.flavour === 'system' && driven.target.daemon) {
    test.skip('the storage daemon does the same', () => {});
    return;
  }
  const { run } = driving(driven);
  const { version } = driven.target;

  test.each(
    tried.map(
      (each) => [`${each.job}, ${each.side}, ${each.policy.policy}, ${each.policy.errno}`, each] as const,
    ),
  )('%s', async (_, { job, side, policy }) => {
    const { arena, steps, after = [] } = sequenceOf(job, side, policy);
    const ran = await run({ ...arena, steps, after });
    expect(ran.rules).toEqual([]);
    expect(events(ran, 'BLOCK_JOB_ERROR')[0]?.data.action).toBe(policy.action);
    expect(endOf(ran)).toEqual(dueEnd(job, policy.action));
    expect(silent(ran.trace, { job, side, policy, version })).toEqual([]);
  });
});

/** The event that ends the job, the error that it names, and whether its offset is its len. */
function endOf(ran: Parameters<typeof events>[0]) {
  const [end] = [...events(ran, 'BLOCK_JOB_COMPLETED'), ...events(ran, 'BLOCK_JOB_CANCELLED')];
  return { event: end?.name, error: end?.data.error, isAtLen: end?.data.offset === end?.data.len };
}

/** By the documentation's words. */
function dueEnd(job: Job, action: Action) {
  const fails = action === 'report' || (action === 'ignore' && job === 'block-stream');
  return {
    event: 'BLOCK_JOB_COMPLETED',
    error: fails ? 'Input/output error' : undefined, // none of these fails with ENOSPC: that stops
    isAtLen: action !== 'report',
  };
}

/** Rules that the matrix names for it and that have not ruled there. */
function silent(
  trace: Trace,
  { job, side, policy, version }: { job: Job; side: Side; policy: Policy; version: string },
): string[] {
  const held = new Set(judge(trace).verdicts.flatMap(({ rule, held }) => (held > 0 ? [rule.name] : [])));
  return aspects.flatMap((aspect) => {
    const decision = decisionOf({ job, side, action: policy.action, aspect });
    if (!decision || 'none' in decision) return [];
    if (decision.but && (policy.policy === 'enospc' || policy.policy === 'auto')) return [];
    // Images are read with one policy of each action.
    if (aspect === 'content' && policy.policy !== policy.action) return [];
    return decision.rules.filter((name) => {
      const rule = byName.get(name);
      return rule !== undefined && isWithin(version, rule) && !held.has(name);
    });
  });
}
