import { isReadable } from '../../qmp/readable.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { MessageFact } from '../facts/message.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type RawInput, rawInput } from './raw-sent.ts';

const oneReply: Rule = {
  name: 'protocol/one-reply',
  kind: 'protocol',
  statement: 'Each command is answered once, by a reply that carries its id; nothing else is answered.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Commands Responses: "As long as the commands were issued with a proper ``id`` field, then the same ``id`` field will be attached in the corresponding response message so that requests and responses can match."',
};
const foreign: Rule = {
  name: 'protocol/foreign',
  kind: 'protocol',
  statement:
    'Every line that QEMU sends is a greeting, a reply or an event in JSON. Not judged: `inf` in the echoed id of raw input such as 1e400, and a line cut short by the end of the process.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), General Definitions: "All interactions transmitted by the Server are json-objects, always terminating with CRLF."; the echo as observed on these versions',
};
const errorShape: Rule = {
  name: 'protocol/error-shape',
  kind: 'protocol',
  statement: 'An error response has a class and a description, both strings, and no success value beside it.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Error: "The ``desc`` member is a human-readable error message."',
};
const errorClass: Rule = {
  name: 'protocol/error-class',
  kind: 'protocol',
  statement: 'The class of an error is one of QapiErrorClass; that of a parse error is GenericError.',
  source:
    'qapi/error.json (QEMU 10.0), QapiErrorClass: "this is used for errors that don\'t require a specific error class."; parse errors as observed on these versions',
};

/** Each message by itself, and which command it belongs to. */
export const messages: RuleFamily = {
  rules: [oneReply, foreign, errorShape, errorClass],
  judge(evidence, ledger) {
    const raw = rawInput(evidence.trace);
    const strays = strayReplies(evidence, raw, ledger);
    ledger.held(oneReply, evidence.byReply.size);
    let messages = 0;
    let errors = 0;
    const lines = evidence.trace.flatMap((seen, at): Violation[] => {
      if (seen.kind === 'foreign') return foreignLine(seen, at, raw, ledger);
      if (seen.kind === 'event') messages++;
      if (seen.kind !== 'reply') return [];
      messages++;
      if (!seen.error) return [];
      errors++;
      return wrongClass(seen, at);
    });
    ledger.held(foreign, messages);
    ledger.held(errorShape, errors);
    ledger.held(errorClass, errors - lines.filter(({ rule }) => rule === errorClass).length);
    return [...strays, ...lines];
  },
};

type Wrong<T> = T extends MessageFact ? Omit<T, 'shape'> : never;

const broken = (rule: Rule, at: Place, wrong: Wrong<MessageFact>): Violation => ({
  rule,
  at,
  facts: { shape: 'message', ...wrong },
});

type Reply = Extract<Observation, { kind: 'reply' }>;

function strayReplies({ trace, byReply, exchanges }: Evidence, raw: RawInput, ledger: Ledger): Violation[] {
  const excused = (): Violation[] => {
    ledger.undecided(oneReply, { why: 'raw bytes', from: raw.from });
    return [];
  };
  const strays = [...trace.entries()].filter(([at, seen]) => seen.kind === 'reply' && !byReply.has(at));
  if (strays.length === 0) return [];
  const sentBy = new Map(exchanges.map((exchange) => [JSON.stringify(exchange.id), exchange]));
  const teardown = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'teardown');
  return strays.flatMap(([at, seen]): Violation[] => {
    const { id } = seen as Reply;
    const rawSent = at > raw.from;
    if (id === undefined) {
      if (rawSent) return excused();
      // An error about what QEMU could not read bears no id.
      const isUnread = exchanges.some((exchange) => exchange.sent < at && !isReadableCommand(exchange));
      return isUnread ? [] : [broken(oneReply, at, { is: 'reply without id' })];
    }
    // The `quit` that ends a session which is not pristine is no observation of the run; it counts its ids by itself.
    if (typeof id === 'number' && teardown !== -1 && at > teardown) return [];
    const key = JSON.stringify(id);
    const command = sentBy.get(key);
    if (!command || command.sent > at)
      return rawSent ? excused() : [broken(oneReply, at, { is: 'reply to nobody', id })];
    // Raw bytes may carry an id of ours, also in escapes.
    if (rawSent && (raw.text().includes(key) || raw.text().includes('\\u'))) return excused();
    return [broken(oneReply, at, { is: 'second reply', command: command.name })];
  });
}

const isReadableCommand = ({ name, args }: Exchange): boolean => isReadable(name) && isReadable(args);

function wrongClass({ error }: Reply, at: Place): Violation[] {
  if (!error) return [];
  const { class: given, desc } = error;
  if (!errorClasses.has(given)) return [broken(errorClass, at, { is: 'no error class', class: given, desc })];
  if (given === 'GenericError' || !parseError.test(desc)) return [];
  return [broken(errorClass, at, { is: 'parse error of another class', class: given, desc })];
}

const errorClasses: ReadonlySet<string> = new Set([
  'GenericError',
  'CommandNotFound',
  'DeviceNotActive',
  'DeviceNotFound',
  'KVMMissingCap',
]);

/** 11.1 puts line and column in front. */
const parseError = /^(\d+:\d+: )?JSON parse error/;

function foreignLine(
  seen: Extract<Observation, { kind: 'foreign' }>,
  at: Place,
  raw: RawInput,
  ledger: Ledger,
): Violation[] {
  const said = seen.text.length > 200 ? `${seen.text.slice(0, 200)}…` : seen.text;
  switch (seen.what) {
    case 'truncated':
      ledger.undecided(foreign, 'QEMU ends'); // a process that ends does not wait until its last line is read
      return [];
    case 'unparsable':
      // A number beyond every double has an exponent of three digits, or three hundred digits.
      if (at > raw.from && /[eE]\+?\d{3}|\d{300}/.test(raw.text())) {
        ledger.undecided(foreign, { why: 'raw bytes', from: raw.from });
        return [];
      }
      return [broken(foreign, at, { is: 'not JSON', said })];
    case 'overlong':
      return [broken(foreign, at, { is: 'overlong', moreThanBytes: seen.sizeBytes, said })];
    case 'not-a-message':
      return /^\s*\{(.*,)?\s*"error"\s*:/.test(seen.text)
        ? [broken(errorShape, at, { is: 'malformed error', said })]
        : [broken(foreign, at, { is: 'no message', said })];
  }
}
