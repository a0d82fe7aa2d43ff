import { dirname } from 'node:path';
import type { Tried } from '../campaign/try-out.ts';
import type { Finding } from '../findings/finding.ts';
import { openRate, type Rate } from '../findings/rate.ts';
import { bySeriousness } from '../findings/seriousness.ts';
import { storedFinding } from '../findings/stored.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { Trace } from '../trace/observation.ts';
import { openPairs } from './compare-again.ts';
import { confirm, isFreshIn, worstOf } from './confirm.ts';
import type { Item, ItemResult } from './item.ts';
import { signaturesOf } from './known.ts';
import { limits } from './limits.ts';
import { addPair, noRuns } from './paired-runs.ts';
import { replayed, replayedInHaste } from './replay-outcome.ts';
import { type Replays, verdictOnReplays } from './replay-verdict.ts';
import { withoutVerdict } from './rule-on-sequence.ts';
import type { Ruling } from './ruling.ts';

export type FindingItem = Item & { finding: Finding };

/** The verdict on a stored finding, replayed beside the baseline. */
export async function ruleOnFinding(item: FindingItem, on: Ruling): Promise<ItemResult> {
  const { finding, flavour, sequence } = item;
  const own = new Set(signaturesOf(finding));
  const expected = on.known.expected(finding, { version: on.version, flavour });
  const hasBaseline = on.hasBaseline(flavour);
  const deadlineScale = finding.kind === 'hang' ? limits.hangDeadlineScale : 1;
  const trace = storedFinding(dirname(item.file)).trace();
  const isFresh = isFreshIn(trace);
  const pairs = openPairs(on.lane, { flavour, sequence, deadlineScale, hasBaseline, isFresh });
  const rate = rateOf(item, trace, on.candidate);
  const there = rateOf(item, trace, on.baseline ?? on.candidate);
  const isOwn = ({ signatures }: Tried): boolean => signatures.some((each) => own.has(each));
  let showing = noRuns(hasBaseline);
  let strange: Tried | undefined;
  const shown: Replays['shown'] = {};
  for (;;) {
    // A baseline that lacks what it takes does not show it, and that says nothing.
    const compared = there.row()?.outcome === 'lacks' ? { ...showing, baseline: undefined } : showing;
    const late = on.outOfTime();
    const outcome =
      replayed(expected, compared) ?? (late === undefined ? undefined : replayedInHaste(expected, compared));
    if (outcome === 'unexpected' && shown.candidate)
      return confirm(item, { broken: worstOf(sequence, shown.candidate, own), signatures: own }, on);
    if (outcome !== undefined && strange) {
      const worse = await gotWorse(item, strange, on);
      if (worse.verdict === 'fail') return worse;
    }
    if (outcome !== undefined)
      return verdictOnReplays(
        item,
        { outcome, showing: compared, expected, shown, row: rate.row(), isFresh },
        on,
      );
    if (late !== undefined) {
      const { candidate, baseline } = showing;
      const told = withoutVerdict(item, { is: 'undecided', reason: late });
      return { ...told, candidate, ...(baseline === undefined ? {} : { baseline }) };
    }
    const pair = await pairs.next();
    if ('why' in pair) return withoutVerdict(item, { is: pair.is, reason: pair.why });
    const { candidate, baseline } = pair;
    rate.add(candidate.tried);
    if (baseline) there.add(baseline.tried);
    showing = addPair(showing, isOwn(candidate.tried), baseline && isOwn(baseline.tried));
    if (isOwn(candidate.tried)) shown.candidate ??= candidate.tried;
    if (baseline && isOwn(baseline.tried)) shown.baseline ??= baseline.tried;
    // Short deadlines would make hangs of what is only slow.
    if (deadlineScale === 1 && unknownIn(candidate.tried, item, on).size > 0) strange ??= candidate.tried;
  }
}

function rateOf({ finding, flavour }: FindingItem, trace: Trace, { label, version }: QemuTarget): Rate {
  return openRate({ signature: finding.signature, trace }, { label, version, flavour });
}

/** A run broke what neither the finding nor the store has. */
async function gotWorse(item: FindingItem, tried: Tried, on: Ruling): Promise<ItemResult> {
  const signatures = unknownIn(tried, item, on);
  const kinds = tried.violations.filter((_, i) => signatures.has(tried.signatures[i] as string));
  const isMoreSerious = kinds.some(({ rule }) => bySeriousness(rule.kind, item.finding.kind) < 0);
  const worse = isMoreSerious
    ? `what was ${item.finding.kind} is more serious`
    : 'it breaks another rule, too';
  return confirm(item, { broken: worstOf(item.sequence, tried, signatures), signatures, worse }, on);
}

function unknownIn({ signatures }: Tried, { finding, flavour }: FindingItem, on: Ruling): Set<string> {
  const own = new Set(signaturesOf(finding));
  const where = { version: on.version, flavour };
  const isKnown = (each: string): boolean =>
    own.has(each) ||
    on.known.knownBy(each, where) !== undefined ||
    on.known.failsOtherwise(finding, each, where);
  return new Set(signatures.filter((each) => !isKnown(each)));
}
