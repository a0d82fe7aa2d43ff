import { confirm, worstOf } from './confirm.ts';
import type { Item, ItemResult } from './item.ts';
import type { GateLane, Look } from './lane.ts';
import { limits } from './limits.ts';
import type { Ruling } from './ruling.ts';

/** The verdict on a scenario or a regression: what it breaks and nobody knows of is shown again. */
export async function ruleOnSequence(item: Item, on: Ruling): Promise<ItemResult> {
  const look = await decidedLook(on.lane, item);
  if (look.is !== 'decided') return withoutVerdict(item, look);
  const { tried } = look;
  if (tried.violations.length === 0)
    return { item, verdict: 'pass', reason: '', candidate: { shown: 0, of: 1 } };
  const where = { version: on.version, flavour: item.flavour };
  const unknown = new Set(tried.signatures.filter((each) => !on.known.knownBy(each, where)));
  if (unknown.size > 0)
    return confirm(item, { broken: worstOf(item.sequence, tried, unknown), signatures: unknown }, on);
  const ids = new Set(tried.signatures.map((each) => on.known.knownBy(each, where)?.id));
  const reason = `it shows what is known: ${[...ids].join(', ')}`;
  return { item, verdict: 'known', reason, candidate: { shown: 1, of: 1 } };
}

/** One run; another where the machine failed. */
async function decidedLook(lane: GateLane, { flavour, sequence }: Item): Promise<Look> {
  for (let tries = 1; ; tries++) {
    const look = await lane.run('candidate', flavour, sequence);
    if (look.is !== 'undecided' || !look.tried.trouble || tries > limits.undecidedMax) return look;
  }
}

/** An environment that fails is no verdict on QEMU. */
export function withoutVerdict(item: Item, { is, reason }: Pick<Look, 'is' | 'reason'>): ItemResult {
  const verdict = is === 'skipped' ? 'skipped' : 'unknown';
  return { item, verdict, reason, candidate: { shown: 0, of: 0 } };
}
