import type { Tried } from '../campaign/try-out.ts';
import { impactOf } from '../findings/impact.ts';
import { reachOf } from '../findings/reach.ts';
import { bySeriousness } from '../findings/seriousness.ts';
import { findingId } from '../findings/signature.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Trace } from '../trace/observation.ts';
import { type ComparedAgain, compareAgain } from './compare-again.ts';
import type { Broken, Item, ItemResult } from './item.ts';
import { rate, verdictOn } from './item-verdict.ts';
import { isGrave } from './policy.ts';
import type { Ruling } from './ruling.ts';

/**
 * The verdict on what an item broke and nobody knows of: it is shown again, beside the baseline, before it fails
 * anything. `worse`: what got worse, where a known finding did.
 */
export async function confirm(
  item: Item,
  { broken, signatures, worse }: { broken: Broken; signatures: ReadonlySet<string>; worse?: string },
  on: Ruling,
): Promise<ItemResult> {
  const { kind } = broken.rule;
  const before = on.causes.find(item.flavour, signatures);
  const once = { candidate: { shown: 1, of: 1 }, broken };
  if (before?.is === 'same')
    return { item, ...once, verdict: 'known', reason: `the baseline shows it, too, as in ${before.item}` };
  const hasBaseline = before === undefined && on.hasBaseline(item.flavour);
  const shown = await compareAgain(on.lane, item, {
    signatures,
    grave: isGrave(kind),
    hasty: kind === 'hang',
    hasBaseline,
    isFresh: isFreshIn(broken.trace),
    outOfTime: on.outOfTime,
  });
  const { showing, conclusion } = shown;
  const counts = countsOf(shown);
  if (conclusion === undefined)
    return { item, broken, ...counts, verdict: 'unknown', reason: shown.why ?? '' };
  if (conclusion === 'new' || conclusion === 'worse' || conclusion === 'same')
    on.causes.note(item.flavour, signatures, {
      is: conclusion === 'same' ? 'same' : 'fault',
      item: item.name,
      ...(counts.baseline ? { baseline: counts.baseline } : {}),
    });
  const { policy, today } = on;
  const about = {
    phase: item.phase,
    kind,
    id: broken.id,
    policy,
    today,
    ...(worse === undefined ? {} : { worse }),
  };
  const { verdict, reason } = verdictOn(conclusion, showing, about);
  const inFresh = isFreshIn(broken.trace) ? ', each in a fresh session' : '';
  const compared =
    before?.baseline === undefined ? '' : `; the baseline ${rate(before.baseline)}, as in ${before.item}`;
  return { item, broken, ...counts, verdict, reason: `${reason}${inFresh}${compared}` };
}

/** Whether its session had run nothing before: what shows there may need just that. */
export function isFreshIn([opened]: Trace): boolean {
  return opened?.kind === 'opened' && opened.session.sequencesBefore === 0;
}

/** The most serious of what a run broke. */
export function worstOf(
  sequence: Sequence,
  { violations, signatures, trace }: Tried,
  among: ReadonlySet<string>,
): Broken {
  const mine = violations
    .map((violation, i) => ({ violation, signature: signatures[i] as string }))
    .filter(({ signature }) => among.has(signature))
    .sort((a, b) => bySeriousness(a.violation.rule.kind, b.violation.rule.kind));
  const [{ violation, signature }] = mine as [(typeof mine)[number]];
  const { rule, facts, at } = violation;
  const impact = impactOf(facts, rule.name, sequence);
  const reach = reachOf(sequence, trace, facts);
  return { id: findingId(signature), signature, rule, facts, at, trace, impact, reach };
}

const countsOf = ({
  showing: { candidate, baseline },
  beside,
}: ComparedAgain): Pick<ItemResult, 'candidate' | 'baseline' | 'beside'> => ({
  ...(beside === undefined ? {} : { beside }),
  candidate,
  ...(baseline !== undefined && baseline.of > 0 ? { baseline } : {}),
});
