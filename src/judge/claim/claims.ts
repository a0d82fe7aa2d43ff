import { renderAwaited, renderClaim } from '../../sequence/render.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, ReplyClaim } from '../../sequence/step.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import { asPlace, type Place } from '../../trace/place.ts';
import type { ClaimFact } from '../facts/claim.ts';
import type { Fact } from '../facts/fact.ts';
import { gotOf } from '../facts/reply.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { isResync } from '../wire/raw-sent.ts';

const source =
  'we expect it: the sequence itself says so, its comment names the section of the test plan or documentation';

const reply: Rule = {
  name: 'claim/reply',
  kind: 'validation',
  statement: 'A command is answered as its step says (`expect`).',
  source,
};
const awaited: Rule = {
  name: 'claim/await',
  kind: 'state',
  statement: 'What a step awaits with `expect: met` comes in time.',
  source,
};
const guest: Rule = {
  name: 'claim/guest',
  kind: 'state',
  statement: 'A guest request ends as its step says (`expect`).',
  source,
};
const image: Rule = {
  name: 'claim/image',
  kind: 'integrity',
  statement: 'What the sequence claims of its images (`after`) holds once QEMU has let go of them.',
  source,
};

/** What the author of a sequence claims of it, beside what every run must keep to. */
export const claims: RuleFamily = {
  rules: [reply, awaited, guest, image],
  judge(evidence, ledger) {
    const { sequence } = evidence.opened;
    const requests = guestSteps(evidence.trace);
    const replies = evidence.exchanges.flatMap((exchange) => answered(sequence, evidence, exchange, ledger));
    const rest = evidence.trace.flatMap((seen, at) =>
      claimed(sequence, evidence, requests, seen, at, ledger),
    );
    return [...replies, ...rest].sort((a, b) => a.at - b.at);
  },
};

/** A reply that never came is shown by the end of the trace, so that what ended QEMU stands before it. */
function answered({ steps }: Sequence, evidence: Evidence, exchange: Exchange, ledger: Ledger): Violation[] {
  const { step: index, name } = exchange;
  const step = index === undefined ? undefined : steps[index];
  if (index === undefined || !step || !('qmp' in step) || step.qmp !== name) return [];
  if (step.expect === undefined) return [];
  const said = replyOf(evidence, exchange);
  if (isAsClaimed(step.expect, said)) {
    ledger.held(reply);
    return [];
  }
  if (exchange.reply === undefined && !isOver(evidence, exchange)) {
    ledger.undecided(reply, 'cut off');
    return [];
  }
  const at = exchange.reply ?? asPlace(evidence.trace.length - 1);
  const facts: Fact = {
    shape: 'claim',
    is: 'reply',
    command: name,
    claim: step.expect,
    got: gotFrom(step.expect, said),
  };
  return [{ rule: reply, at, step: index, facts }];
}

/** Whether a reply could still have come: the last line of a trace that is cut off ends nothing. */
const isOver = ({ trace }: Evidence, { sent, id }: Exchange): boolean =>
  trace
    .slice(sent)
    .some(
      (seen) =>
        seen.kind === 'closed' ||
        seen.kind === 'exit' ||
        seen.kind === 'disconnect' ||
        (seen.kind === 'expired' && JSON.stringify(seen.id) === JSON.stringify(id)),
    );

function claimed(
  { steps, after }: Sequence,
  { trace }: Evidence,
  requests: ReadonlyMap<number, number>,
  seen: Observation,
  at: Place,
  ledger: Ledger,
): Violation[] {
  const holds = (rule: Rule): Violation[] => {
    ledger.held(rule);
    return [];
  };
  switch (seen.kind) {
    case 'await': {
      const step = steps[seen.step];
      if (!step || !('await' in step) || step.expect !== 'met') return [];
      if (seen.outcome === 'met') return holds(awaited);
      const why = seen.outcome === 'moot' ? 'moot' : { waitedMs: Math.round(seen.waitedUs / 1000) };
      const facts: Fact = { shape: 'claim', is: 'await', awaited: renderAwaited(step.await), why };
      return [{ rule: awaited, at, step: seen.step, facts }];
    }
    case 'raw-sent': {
      const step = seen.step === undefined ? undefined : steps[seen.step];
      if (!step || !('raw' in step) || step.expect !== 'error' || isResync(seen)) return [];
      if (complained(trace, at)) return holds(reply);
      const facts: Fact = { shape: 'claim', is: 'complaint' };
      return [{ rule: reply, at, ...(seen.step === undefined ? {} : { step: seen.step }), facts }];
    }
    case 'guest-end': {
      const index = requests.get(seen.request);
      const step = index === undefined ? undefined : steps[index];
      if (index === undefined || !step || !('guest' in step)) return [];
      if (step.expect === undefined) return [];
      if (step.expect === seen.result) return holds(guest);
      const { result, text: said } = seen;
      const more = said ? { said } : {};
      const facts: Fact = { shape: 'claim', is: 'guest', op: step.guest, result, ...more };
      return [{ rule: guest, at, step: index, facts }];
    }
    case 'image': {
      const claim = after?.[seen.claim];
      // An image to be read claims nothing, not even that it is there.
      if (!claim || 'content' in claim) return [];
      if (seen.outcome === 'holds') return holds(image);
      if (seen.outcome === 'untried') {
        ledger.undecided(image, 'image not read');
        return [];
      }
      const about = 'same' in claim ? 'same' : 'check' in claim ? 'check' : 'boots';
      const facts: Fact = { shape: 'claim', is: 'image', claim: renderClaim(claim), about, said: seen.text };
      return [{ rule: image, at, facts }];
    }
    default:
      return [];
  }
}

/** The step of each guest request. */
function guestSteps(trace: Trace): Map<number, number> {
  return new Map(
    trace.flatMap((seen) =>
      seen.kind === 'guest-begin' && seen.step !== undefined ? [[seen.request, seen.step] as const] : [],
    ),
  );
}

/** Whether an error without an id follows: what the parser says to bytes that are no command. */
function complained(trace: Trace, from: Place): boolean {
  let complaints = 0;
  let resynced = false;
  for (let at = from; at < trace.length; at++) {
    const seen = trace[at];
    if (seen?.kind === 'raw-sent' && at > from) {
      if (!isResync(seen)) break;
      resynced = true;
    }
    if (seen?.kind === 'reply' && seen.error && seen.id === undefined) complaints++;
    // The probe behind 0xFF is answered: all complaints are in, and 0xFF's own is one of them.
    if (resynced && seen?.kind === 'reply' && seen.id !== undefined) break;
  }
  return complaints > (resynced ? 1 : 0);
}

type Reply = NonNullable<ReturnType<typeof replyOf>>;

/** Whether a reply is what the author wants; one that never came is not. */
function isAsClaimed(claim: ReplyClaim, got: Reply | undefined): boolean {
  if (!got) return false;
  if (claim === 'ok') return got.error === undefined;
  if (claim === 'error') return got.error !== undefined;
  if ('class' in claim)
    return (
      got.error?.class === claim.class && (claim.desc === undefined || got.error.desc.includes(claim.desc))
    );
  return got.error === undefined && contains(got.return ?? null, claim.return);
}

function gotFrom(claim: ReplyClaim, got: Reply | undefined): Extract<ClaimFact, { is: 'reply' }>['got'] {
  if (!got) return 'none';
  const wantsValue = typeof claim === 'object' && !('class' in claim);
  return wantsValue && !got.error ? { value: got.return ?? null } : gotOf(got);
}

/** Whether a returned value has everything the claim names; members that it does not name are free. */
function contains(value: Json, wanted: Json): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(value) &&
      value.length === wanted.length &&
      wanted.every((inner, i) => contains(value[i] ?? null, inner))
    );
  }
  if (wanted === null || typeof wanted !== 'object') return value === wanted;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.entries(wanted).every(([key, inner]) => key in value && contains(value[key] ?? null, inner));
}
