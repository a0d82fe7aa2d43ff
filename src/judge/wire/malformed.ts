import type { Json } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import { protocolLimits } from '../limits.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { isResync, type RawSent, rawText } from './raw-sent.ts';

const malformedAnswered: Rule = {
  name: 'protocol/malformed-answered',
  kind: 'protocol',
  statement:
    'Malformed input is answered by an error before the next command in band is, and the monitor goes on working. Judged for a lone 0xFF, and for input between two of them that certainly is malformed: a value that is no object, an object without `execute`, a punctuation mark that can begin nothing.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Error: "NOTE: Some errors can occur before the Server is able to read the ``id`` member; in these cases the ``id`` member will not be part of the error response, even if provided by the client."; one error for each 0xFF as observed on these versions',
};

/** Between hostile bytes and the reply to the probe that follows them there must be errors: how many at least is known. */
export const malformed: RuleFamily = {
  rules: [malformedAnswered],
  judge(evidence, ledger) {
    // With out-of-band the monitor reads ahead, and what it answers when has been seen less.
    const readsAhead = evidence.opened.sequence.steps.some((step) => 'qmp' in step && step.oob);
    return spans(evidence, ledger).flatMap(({ raw, resync, probe }): Violation[] => {
      const answered = errorsBetween(evidence, raw?.at ?? resync, probe.reply as Place);
      const wanted = 1 + (raw === undefined ? 0 : errorsDue(rawText(raw.seen)));
      if (readsAhead || answered >= wanted) {
        if (readsAhead) ledger.undecided(malformedAnswered, 'out of band');
        else ledger.held(malformedAnswered);
        return [];
      }
      const step = probe.step === undefined ? {} : { step: probe.step };
      const input = raw === undefined ? '0xFF' : JSON.stringify(rawText(raw.seen).slice(0, 80));
      const facts: Fact = {
        shape: 'message',
        is: 'malformed input not answered',
        input,
        errors: answered,
        due: wanted,
      };
      return [{ rule: malformedAnswered, at: probe.reply as Place, ...step, facts }];
    });
  },
};

/** `raw` is there where exactly one piece of raw input lies between two points where nothing is open. */
type Span = { raw: { seen: RawSent; at: Place } | undefined; resync: Place; probe: Exchange };

function spans({ trace, exchanges }: Evidence, ledger: Ledger): Span[] {
  const found: Span[] = [];
  const answered = exchanges.filter(({ reply }) => reply !== undefined);
  let next = 0;
  let open: NonNullable<Span['raw']>[] = [];
  for (const [at, seen] of trace.entries()) {
    if (seen.kind !== 'raw-sent') continue;
    if (!isResync(seen)) {
      open.push({ seen, at });
      continue;
    }
    while (next < answered.length && (answered[next] as Exchange).sent < at) next++;
    const probe = answered[next];
    if (!probe) break;
    const [only] = open;
    const sizeBytes = open.reduce((sum, { seen }) => sum + seen.sizeBytes, 0);
    const lone = only && open.length === 1 && !swallowsCommand(trace, only.at, at);
    if (sizeBytes <= protocolLimits.rawJudgedBytes)
      found.push({ raw: lone ? only : undefined, resync: at, probe });
    else ledger.undecided(malformedAnswered, 'too many bytes');
    open = [];
  }
  return found;
}

/** A command sent between raw input and its end may have become part of it. */
function swallowsCommand(trace: Trace, from: Place, to: Place): boolean {
  return trace.slice(from, to).some(({ kind }) => kind === 'command');
}

/** Errors that answer no command of ours, and so answer raw input. */
function errorsBetween({ trace, byReply }: Evidence, from: Place, to: Place): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const seen = trace[at];
    if (seen?.kind === 'reply' && seen.error && !byReply.has(at)) count++;
  }
  return count;
}

/** How many errors the input itself must give, at least. It begins where nothing is open, and 0xFF ends it. */
function errorsDue(text: string): 0 | 1 {
  if (/^[\s]*[}\],:]/.test(text)) return 1;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return 0; // QEMU also reads what is not strictly JSON, and may still wait for the rest
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 1;
  return Object.hasOwn(value, 'execute') || Object.hasOwn(value, 'exec-oob') ? 0 : 1;
}
