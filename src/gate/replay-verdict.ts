import type { Tried } from '../campaign/try-out.ts';
import type { Affected } from '../findings/affected.ts';
import type { Finding } from '../findings/finding.ts';
import { type Reach, reaches } from '../findings/reach.ts';
import { worstOf } from './confirm.ts';
import type { Item, ItemResult } from './item.ts';
import { byPolicy, rate } from './item-verdict.ts';
import { signaturesOf } from './known.ts';
import type { PairedRuns } from './paired-runs.ts';
import type { ReplaysSay } from './replay-outcome.ts';
import type { Ruling } from './ruling.ts';
import type { ShownCount } from './sequential-test.ts';

export type Replays = {
  outcome: ReplaysSay;
  showing: PairedRuns;
  /** In the store. */
  expected: ShownCount | undefined;
  /** A run on each that showed it. */
  shown: { candidate?: Tried; baseline?: Tried };
  row: Affected | undefined;
  /** Each run was in a session that had run nothing before. */
  isFresh: boolean;
};

/** The verdict on a stored finding by its replays. */
export function verdictOnReplays(
  item: Item & { finding: Finding },
  replays: Replays,
  { policy, today, known, version }: Pick<Ruling, 'policy' | 'today' | 'known' | 'version'>,
): ItemResult {
  const { finding } = item;
  const { outcome, showing, expected, row } = replays;
  const { candidate, baseline } = showing;
  const counts = { candidate, ...(baseline !== undefined && baseline.of > 0 ? { baseline } : {}) };
  const there = counts.baseline === undefined ? '' : `, ${rate(counts.baseline)} on the baseline`;
  const before = expected === undefined ? '' : `, ${rate(expected)} in the store`;
  const inFresh = replays.isFresh ? ', each in a fresh session' : '';
  const rates = `${rate(candidate)}${there}${before}${inFresh}`;
  const about = { kind: finding.kind, id: finding.id, policy, today };
  const told = { item, ...counts, ...(row ? { row } : {}) };
  const lacks = row?.outcome === 'lacks' ? row.how : undefined;
  if (lacks !== undefined && candidate.shown === 0)
    return { ...told, verdict: 'skipped', reason: `the candidate lacks what it takes: ${lacks}` };
  switch (outcome) {
    case 'known': {
      const wider = widerReach(item, replays.shown);
      if (wider !== undefined)
        return { ...told, ...byPolicy('worse', `more can bring it about, ${wider}: ${rates}`, about) };
      return { ...told, verdict: 'known', reason: `it shows as it is known to: ${rates}` };
    }
    case 'worse':
      return { ...told, ...byPolicy('worse', `it shows more often: ${rates}`, about) };
    case 'gone': {
      if (counts.baseline?.shown === 0)
        return { ...told, verdict: 'skipped', reason: `does not show on either: ${rates}` };
      if (counts.baseline === undefined && !known.wasThere(finding, { version, flavour: item.flavour }))
        return {
          ...told,
          verdict: 'skipped',
          reason: `does not show, and no version up to this one is known to: ${rates}`,
        };
      return { ...told, verdict: 'fixed', reason: `it shows no more: ${rates}` };
    }
    case 'seldom':
      return {
        ...told,
        verdict: 'known',
        reason: `not seen, and it shows too seldom to be called fixed: ${rates}`,
      };
    case 'absent':
    case 'unexpected':
      return { ...told, verdict: 'pass', reason: `it does not show: ${rates}` };
    default:
      return outcome satisfies never;
  }
}

/** "valid-commands, and it was invalid-commands": QEMU refuses less than the baseline, or than it did. */
function widerReach(
  { finding, sequence }: Item & { finding: Finding },
  { candidate, baseline }: Replays['shown'],
): string | undefined {
  const own = new Set(signaturesOf(finding));
  const reachIn = (tried: Tried | undefined): Reach | undefined =>
    tried && worstOf(sequence, tried, own).reach;
  const [now, before] = [reachIn(candidate), reachIn(baseline) ?? finding.reach];
  if (now === undefined || before === undefined) return undefined;
  return reaches.indexOf(now) < reaches.indexOf(before) ? `${now}, and it was ${before}` : undefined;
}
