import type { Affected } from '../../src/findings/affected.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { newFinding } from '../../src/findings/new-finding.ts';
import type { Item, ItemResult } from '../../src/gate/item.ts';
import { policyOf } from '../../src/gate/policy.ts';
import { crashFound, ruleNamed } from '../findings/found.ts';

/** A stored finding as somebody left it. */
export function finding(of: Partial<Finding> = {}): Finding {
  return { ...newFinding(crashFound({}), new Date('2026-11-01')), status: 'confirmed', ...of };
}

export const row = (version: string, ok: number, of: number, more: Partial<Affected> = {}): Affected => ({
  label: version,
  version,
  flavour: 'daemon',
  ok,
  of,
  ...more,
});

export function item(of: Partial<Item> = {}): Item {
  return {
    name: 'scenario/one',
    phase: 'scenario',
    title: 'one thing holds',
    file: 'corpus/scenarios/one.json',
    sequence: { schema: 1, title: 'one thing holds', arena: { disks: [] }, steps: [] },
    flavour: 'daemon',
    costMs: 100,
    ...of,
  };
}

export function result(of: Partial<ItemResult> & { name?: string } = {}): ItemResult {
  const { name = 'scenario/one', ...rest } = of;
  return {
    item: item({ name }),
    verdict: 'pass',
    reason: '',
    candidate: { shown: 0, of: 1 },
    ...rest,
  };
}

/** Something that broke a rule. */
export function broken(rule = 'claim/reply', id = '0123456789ab'): NonNullable<ItemResult['broken']> {
  const { violation, trace } = crashFound({});
  return {
    id,
    signature: `${rule}: something`,
    rule: ruleNamed(rule),
    facts: violation.facts,
    at: violation.at,
    trace,
    impact: 'wrong-answer',
    reach: 'valid-commands',
  };
}

export const defaultPolicy = policyOf({});
