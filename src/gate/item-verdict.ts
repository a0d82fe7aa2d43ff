import type { FindingKind } from '../judge/rule.ts';
import type { ItemPhase, ItemVerdict } from './item.ts';
import type { Conclusion, PairedRuns } from './paired-runs.ts';
import { type GateFailure, inForce, isGrave, type Policy, type Quarantine } from './policy.ts';
import type { ShownCount } from './sequential-test.ts';

type About = { phase: ItemPhase; kind: FindingKind; id: string; policy: Policy; today: string };
type Ruled = { verdict: ItemVerdict; reason: string };

/** The verdict on something that broke, once it was shown again; `worse`: why a known finding got worse. */
export function verdictOn(
  conclusion: Conclusion,
  showing: PairedRuns,
  { worse, ...about }: About & { worse?: string },
): Ruled {
  const { candidate, baseline } = showing;
  const here = rate(candidate);
  const there = baseline === undefined ? '' : `, ${rate(baseline)} on the baseline`;
  switch (conclusion) {
    case 'new':
      return worse === undefined
        ? byPolicy(failureOf(about.phase), `${newWords[about.phase]}: ${here}${there}`, about)
        : byPolicy('worse', `${worse}: ${here}${there}`, about);
    case 'worse':
      return byPolicy('worse', `more often than the baseline: ${here}${there}`, about);
    case 'same':
      return { verdict: 'known', reason: `the baseline shows it, too: ${here}${there}` };
    case 'fluke':
    case 'open': {
      const reason = `shown again in ${here}${there}`;
      if (!about.policy.failOnFlaky) return { verdict: 'flaky', reason };
      return byPolicy(failureOf(about.phase), reason, about);
    }
    default:
      return conclusion satisfies never;
  }
}

/** A failure, unless it is in quarantine or the policy lets it pass; a crash and wrong data it never does. */
export function byPolicy(
  failure: GateFailure,
  reason: string,
  { kind, id, policy, today }: Omit<About, 'phase'>,
): Ruled {
  const quarantine = policy.quarantine.find((each) => each.id === id);
  if (quarantine && inForce(quarantine, today))
    return {
      verdict: 'known',
      reason: `in quarantine until ${quarantine.until}${because(quarantine)}; ${reason}`,
    };
  const over = quarantine ? `; its quarantine ended on ${quarantine.until}` : '';
  if (isGrave(kind)) return { verdict: 'fail', reason: `${reason}${over}` };
  if (!policy.failOn.includes(failure))
    return { verdict: 'known', reason: `the policy lets pass what is ${failureWords[failure]}; ${reason}` };
  if (!policy.kinds.includes(kind))
    return { verdict: 'known', reason: `the policy lets pass findings of kind ${kind}; ${reason}` };
  return { verdict: 'fail', reason: `${reason}${over}` };
}

export const rate = ({ shown, of }: ShownCount): string => `${shown}/${of}`;

const because = ({ reason }: Quarantine): string => (reason === undefined ? '' : ` (${reason})`);

function failureOf(phase: ItemPhase): GateFailure {
  return phase === 'finding' || phase === 'hunt' ? 'new' : phase;
}

const newWords: Record<ItemPhase, string> = {
  scenario: 'the scenario fails',
  regression: 'the regression fails',
  finding: 'not known to show here, and shows',
  hunt: 'new, and reproduces',
};

const failureWords: Record<GateFailure, string> = {
  new: 'a new finding',
  worse: 'a known finding that got worse',
  scenario: 'a failed scenario',
  regression: 'a failed regression',
};
