import { conforms, type SchemaMismatch } from '../../qmp/conforms.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import { type Exchange, replyOf } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const replyConforms: Rule = {
  name: 'protocol/reply-conforms',
  kind: 'protocol',
  statement: "A command's success reply is a value of the command's return type.",
  source:
    'qapi/introspect.json (QEMU 10.0), query-qmp-schema: "This lets QMP clients figure out what commands and events are available in this QEMU, and their parameters and results."',
};
const eventConforms: Rule = {
  name: 'protocol/event-conforms',
  kind: 'protocol',
  statement: 'An event is one that the binary knows, and its data is a value of its type.',
  source:
    'qapi/introspect.json (QEMU 10.0), query-qmp-schema: "This lets QMP clients figure out what commands and events are available in this QEMU, and their parameters and results."',
};

/** What QEMU sends against what it says of itself; nothing is judged where its schema is not at hand. */
export const conformance: RuleFamily = {
  rules: [replyConforms, eventConforms],
  judge(evidence, ledger) {
    const { schema, trace, exchanges, opened } = evidence;
    if (!schema) {
      if (evidence.byReply.size > 0) ledger.undecided(replyConforms, 'no schema');
      if (trace.some(({ kind }) => kind === 'event')) ledger.undecided(eventConforms, 'no schema');
      return [];
    }
    return [
      // What a translator has given another shape is not QEMU's word.
      ...exchanges
        .filter(({ name }) => {
          const isReshaped = opened.sequence.dialect !== undefined && reshaped.has(name);
          if (isReshaped) ledger.undecided(replyConforms, 'dialect');
          return !isReshaped;
        })
        .flatMap((exchange) => replyMismatch(schema, exchange, replyOf(evidence, exchange), ledger)),
      ...trace.flatMap((seen, at) => (seen.kind === 'event' ? eventMismatch(schema, seen, at, ledger) : [])),
    ];
  },
};

const reshaped: ReadonlySet<string> = new Set(['query-block-jobs', 'query-commands']);

function replyMismatch(
  schema: QmpSchema,
  { name, reply: at, step }: Exchange,
  reply: Extract<Observation, { kind: 'reply' }> | undefined,
  ledger: Ledger,
): Violation[] {
  const command = schema.commands.get(name);
  // A command that the schema has not and that succeeds is a case for validation/unknown-command.
  if (!command || at === undefined || reply?.return === undefined) return [];
  const [wrong] = conforms(schema, reply.return, command.returnsType);
  if (!wrong) {
    ledger.held(replyConforms);
    return [];
  }
  const where = step === undefined ? {} : { step };
  return [{ rule: replyConforms, at, ...where, facts: misfit('reply', name, wrong) }];
}

function eventMismatch(
  schema: QmpSchema,
  { name, data }: Extract<Observation, { kind: 'event' }>,
  at: Place,
  ledger: Ledger,
): Violation[] {
  const event = schema.events.get(name);
  if (!event)
    return [{ rule: eventConforms, at, facts: { shape: 'message', is: 'unknown event', event: name } }];
  const [wrong] = conforms(schema, data, event.dataType);
  if (wrong) return [{ rule: eventConforms, at, facts: misfit('event', name, wrong) }];
  ledger.held(eventConforms);
  return [];
}

const misfit = (of: 'reply' | 'event', name: string, { path, problem, text }: SchemaMismatch): Fact => ({
  shape: 'message',
  is: 'misfit',
  of,
  name,
  path,
  problem,
  text,
});
