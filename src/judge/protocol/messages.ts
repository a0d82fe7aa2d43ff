import type { Json } from '../../sequence/step.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import type { Evidence } from '../evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { isResync, rawTextBefore } from './raw-sent.ts';

const versions = '5.2, 7.2, 10.0, 11.1';

const oneReply: Rule = {
  name: 'protocol/one-reply',
  kind: 'protocol',
  statement: 'Each command is answered once, by a reply that carries its id; nothing else is answered.',
  source: 'docs/interop/qmp-spec, "Commands Responses" and "Issuing Commands": id is part of the response',
  versions,
};
const foreign: Rule = {
  name: 'protocol/foreign',
  kind: 'protocol',
  statement:
    'Every line that QEMU sends is a greeting, a reply or an event in JSON. Not judged: `inf` in the echoed id of raw input such as 1e400, and a line cut short by the end of the process.',
  source: 'docs/interop/qmp-spec, "General Definitions"; the echo as observed on these versions',
  versions,
};
const errorShape: Rule = {
  name: 'protocol/error-shape',
  kind: 'protocol',
  statement: 'An error response has a class and a description, both strings, and no success value beside it.',
  source: 'docs/interop/qmp-spec, "Error": { "error": { "class": json-string, "desc": json-string } }',
  versions,
};
const errorClass: Rule = {
  name: 'protocol/error-class',
  kind: 'protocol',
  statement: 'The class of an error is one of QapiErrorClass; that of a parse error is GenericError.',
  source: 'qapi/error.json, QapiErrorClass; parse errors as observed on these versions',
  versions,
};

/** Each message by itself, and which command it belongs to. */
export const messages: RuleFamily = {
  rules: [oneReply, foreign, errorShape, errorClass],
  judge(evidence) {
    return evidence.trace.flatMap((seen, at): Violation[] => {
      if (seen.kind === 'foreign') return foreignLine(seen, at, evidence.trace);
      if (seen.kind !== 'reply') return [];
      return [...strayReply(seen, at, evidence), ...wrongClass(seen, at)];
    });
  },
};

type Reply = Extract<Observation, { kind: 'reply' }>;

function strayReply({ id }: Reply, at: number, evidence: Evidence): Violation[] {
  if (evidence.byReply.has(at) || ownQuit(id, at, evidence.trace)) return [];
  if (id === undefined) {
    return rawBefore(evidence.trace, at) ? [] : [{ rule: oneReply, at, text: 'a reply without an id' }];
  }
  const key = JSON.stringify(id);
  const raw = rawTextBefore(evidence.trace, at);
  const sent = evidence.exchanges.find((exchange) => exchange.sent < at && JSON.stringify(exchange.id) === key);
  if (!sent) return raw === '' ? [{ rule: oneReply, at, text: `a reply to nobody: id ${key}` }] : [];
  // Raw bytes can repeat an id of ours, also in escapes.
  if (raw.includes(key) || raw.includes('\\u')) return [];
  return [{ rule: oneReply, at, text: `a second reply to ${sent.name}` }];
}

/** The `quit` that ends a session which is not pristine is no observation of the run; it counts its ids by itself. */
function ownQuit(id: Json | undefined, at: number, trace: Trace): boolean {
  if (typeof id !== 'number') return false;
  return trace.findLastIndex((seen, i) => i < at && seen.kind === 'phase' && seen.phase === 'teardown') !== -1;
}

const rawBefore = (trace: Trace, at: number): boolean =>
  trace.some((seen, i) => i < at && seen.kind === 'raw-sent');

function wrongClass({ error }: Reply, at: number): Violation[] {
  if (!error) return [];
  const { class: given, desc } = error;
  if (!errorClasses.has(given)) return [{ rule: errorClass, at, text: `${given} is no error class: ${desc}` }];
  if (given === 'GenericError' || !parseError.test(desc)) return [];
  return [{ rule: errorClass, at, text: `a parse error of class ${given}: ${desc}` }];
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

function foreignLine(seen: Extract<Observation, { kind: 'foreign' }>, at: number, trace: Trace): Violation[] {
  const text = seen.text.length > 200 ? `${seen.text.slice(0, 200)}…` : seen.text;
  switch (seen.what) {
    case 'truncated':
      return []; // a process that ends does not wait until its last line is read
    case 'unparsable':
      return echoesInfinity(trace, at) ? [] : [{ rule: foreign, at, text: `not JSON: ${text}` }];
    case 'overlong':
      return [{ rule: foreign, at, text: `a line of more than ${seen.sizeBytes} bytes: ${text}` }];
    case 'not-a-message': {
      const rule = /^\s*\{(.*,)?\s*"error"\s*:/.test(seen.text) ? errorShape : foreign;
      return [{ rule, at, text: `${rule === errorShape ? 'a malformed error' : 'no QMP message'}: ${text}` }];
    }
  }
}

/** A number beyond every double, which QEMU echoes as `inf`: an exponent of three digits, or three hundred digits. */
function echoesInfinity(trace: Trace, at: number): boolean {
  return /[eE]\+?\d{3}|\d{300}/.test(rawTextBefore(trace, at));
}
