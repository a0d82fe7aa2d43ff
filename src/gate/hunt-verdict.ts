import type { CampaignEvent } from '../campaign/campaign-event.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import type { Item, ItemResult } from './item.ts';
import { limits } from './limits.ts';

/** How many sequences of a hunt were decided; what it found are items of their own. */
export type HuntCount = { sequences: number; undecided: number; reason: string };

export function openHuntCount() {
  const count: HuntCount = { sequences: 0, undecided: 0, reason: '' };
  const reasons = new Map<string, number>();
  let failure: string | undefined;
  return {
    hear(event: CampaignEvent): void {
      if (event.kind === 'worker-lost' && event.isRun) undecided('its worker died');
      if (event.kind === 'runs') {
        count.sequences += event.sum.sequences;
        for (const [reason, times] of Object.entries(event.sum.undecided)) undecided(reason, times);
      }
      if (event.kind === 'ran') count.sequences++;
      if (event.kind !== 'ran' && event.kind !== 'confirmed') return;
      const { reason, violations } = event.ran;
      if (reason !== undefined && violations.length === 0) undecided(reason);
    },
    failed(reason: string): void {
      failure = reason;
    },
    result: (): HuntCount & { failure?: string } => {
      const [most] = [...reasons].sort(([, a], [, b]) => b - a);
      return { ...count, reason: most?.[0] ?? '', ...(failure === undefined ? {} : { failure }) };
    },
  };

  function undecided(reason: string, times = 1): void {
    count.undecided += times;
    reasons.set(reason, (reasons.get(reason) ?? 0) + times);
  }
}

/** Whether so many sequences were decided that finding nothing new means something. */
export function verdictOnHunt(
  of: HuntCount & { failure?: string },
): Pick<ItemResult, 'verdict' | 'reason' | 'candidate'> {
  const { sequences, undecided, reason, failure } = of;
  const decided = sequences - undecided;
  const candidate = { shown: 0, of: decided };
  if (failure !== undefined) return { verdict: 'unknown', reason: failure, candidate };
  if (sequences === 0)
    return { verdict: 'unknown', reason: 'no sequence came to its end in time', candidate };
  const figures = `${decided} of ${sequences} sequences were decided`;
  if (decided <= 0 || decided < sequences * limits.decidedShareMin)
    return { verdict: 'unknown', reason: `${figures}; ${reason}`, candidate };
  return { verdict: 'pass', reason: figures, candidate };
}

/** The hunt itself. */
export function huntItem({
  seed,
  programs,
}: Pick<HuntPlan, 'seed' | 'programs'>): Pick<ItemResult, 'item' | 'candidate'> {
  const item: Item = {
    name: 'hunt',
    phase: 'hunt',
    title: `a hunt with seed ${seed} finds nothing new`,
    file: '',
    sequence: { schema: 1, title: 'hunt', arena: { disks: [] }, steps: [] },
    flavour: programs[0]?.flavour ?? 'system',
    costMs: 0,
  };
  return { item, candidate: { shown: 0, of: 0 } };
}
