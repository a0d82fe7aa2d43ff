import type { Observation } from '../../trace/observation.ts';
import type { Place, PlacedTrace } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const greetingOnce: Rule = {
  name: 'protocol/greeting-once',
  kind: 'protocol',
  statement: 'A monitor greets once, before it says anything else.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Server Greeting: "Right when connected the Server will issue a greeting message, which signals that the connection has been successfully established and that the Server is ready for capabilities negotiation (for more information refer to section `Capabilities Negotiation`_)."',
};
const beforeCapabilities: Rule = {
  name: 'protocol/before-capabilities',
  kind: 'protocol',
  statement:
    'Until capabilities are negotiated no event is sent, and no command but qmp_capabilities succeeds; any other is answered by CommandNotFound.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Capabilities Negotiation: "In this mode only the ``qmp_capabilities`` command is allowed to run; all other commands will return the ``CommandNotFound`` error."; the class as observed on these versions',
};

/**
 * The first moments of a monitor. A session negotiates before its first sequence, so only a trace that was taken from
 * the connection on shows them; in any other a greeting is out of place wherever it comes.
 */
export const greetings: RuleFamily = {
  rules: [greetingOnce, beforeCapabilities],
  judge(evidence, ledger) {
    const { trace } = evidence;
    const first = trace.findIndex(({ kind }) => kind === 'greeting');
    if (first === -1) return [];
    const wrong = misplaced(trace, first);
    if (wrong.length === 0) ledger.held(greetingOnce);
    return [...wrong, ...tooEarly(evidence, first, ledger)];
  },
};

function misplaced(trace: PlacedTrace, first: number): Violation[] {
  return trace.flatMap((seen, at): Violation[] => {
    if (seen.kind !== 'greeting') return [];
    if (at > first) return [{ rule: greetingOnce, at, facts: { shape: 'message', is: 'second greeting' } }];
    const before = trace.slice(0, first).find(({ kind }) => fromMonitor.has(kind));
    if (!before) return [];
    return [{ rule: greetingOnce, at, facts: { shape: 'message', is: 'late greeting', after: before.kind } }];
  });
}

const fromMonitor: ReadonlySet<Observation['kind']> = new Set(['reply', 'event', 'foreign']);

/** Judged by the commands that were sent as such: what raw bytes asked for is not known. */
function tooEarly(evidence: Evidence, greeting: Place, ledger: Ledger): Violation[] {
  const { trace, exchanges } = evidence;
  const negotiated = exchanges.find(
    (exchange) => exchange.name === 'qmp_capabilities' && replyOf(evidence, exchange)?.return !== undefined,
  )?.reply;
  const raw = trace.findIndex(({ kind }) => kind === 'raw-sent');
  if (raw !== -1 && (negotiated === undefined || raw < negotiated))
    ledger.undecided(beforeCapabilities, { why: 'raw bytes', from: raw });
  const end = Math.min(negotiated ?? trace.length, raw === -1 ? trace.length : raw);
  const events = trace.flatMap((seen, at): Violation[] =>
    at < end && seen.kind === 'event' && at > greeting
      ? [{ rule: beforeCapabilities, at, facts: { shape: 'message', is: 'too early', name: seen.name } }]
      : [],
  );
  const replies = exchanges.flatMap((exchange): Violation[] => {
    const { name, reply: at } = exchange;
    if (at === undefined || at >= end || name === 'qmp_capabilities') return [];
    const error = replyOf(evidence, exchange)?.error;
    if (error?.class === 'CommandNotFound') {
      ledger.held(beforeCapabilities);
      return [];
    }
    const answer = error ? { class: error.class } : 'success';
    return [{ rule: beforeCapabilities, at, facts: { shape: 'message', is: 'too early', name, answer } }];
  });
  return [...events, ...replies];
}
