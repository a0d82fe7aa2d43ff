import type { Finding } from '../findings/finding.ts';
import { impactOf } from '../findings/impact.ts';
import { reachOf } from '../findings/reach.ts';
import { storedFinding } from '../findings/stored.ts';
import { asPlace } from '../trace/place.ts';
import { confirm } from './confirm.ts';
import { costMs } from './cost.ts';
import type { HuntedFinding } from './hunt-for-new.ts';
import type { Item, ItemResult } from './item.ts';
import type { Ruling } from './ruling.ts';

/** A new finding is shown again, beside the baseline, before it counts as new. */
export async function ruleOnDiscovery({ discovery, dir }: HuntedFinding, on: Ruling): Promise<ItemResult> {
  const { rule, facts, id, signature } = discovery;
  const stored = storedFinding(dir);
  const item = itemOf(stored.finding, `${dir}/sequence.json`, stored.sequence());
  const at = asPlace(stored.finding.violation.at);
  const trace = stored.trace();
  const impact = stored.finding.impact ?? impactOf(facts, rule.name, item.sequence);
  const reach = stored.finding.reach ?? reachOf(item.sequence, trace, facts);
  const broken = { id, signature, rule, facts, at, trace, impact, reach };
  const told = stored.finding.alsoBreaks ?? [];
  return confirm(
    item,
    { broken, signatures: new Set([signature, ...told.map((each) => each.signature)]) },
    on,
  );
}

function itemOf(finding: Finding, file: string, sequence: Item['sequence']): Item {
  const { id, title, flavour, kind } = finding;
  const cost = costMs(sequence, { hangs: kind === 'hang' });
  return { name: `hunt/${id}`, phase: 'hunt', title, file, sequence, flavour, costMs: cost, finding };
}
