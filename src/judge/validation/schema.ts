import { hasTrait } from '../../qemu/versions.ts';
import { conforms } from '../../qmp/conforms.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import type { Reason } from '../facts/reason.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { asStored } from './numbers.ts';
import { mustFail } from './refusal.ts';

const unknownCommand: Rule = {
  name: 'validation/unknown-command',
  kind: 'validation',
  statement:
    'A command that the binary has not is answered by CommandNotFound; so is qmp_capabilities once negotiated.',
  source: 'qapi/error.json (QEMU 10.0), QapiErrorClass: "the requested command has not been found"',
};
const argumentsRule: Rule = {
  name: 'validation/arguments',
  kind: 'validation',
  statement:
    'Arguments that lack a required member, have one too many, one of the wrong JSON type or an unknown enum value are refused with GenericError. Not judged: numbers whose digits the trace has rounded, device_add, query-qmp-schema and the object-add of 5.2, which take members beyond their schema.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Compatibility Considerations: "The QMP Server performs a type check on the arguments to a command."; the class as observed on these versions',
};
const outOfBand: Rule = {
  name: 'validation/out-of-band',
  kind: 'validation',
  statement: 'A command sent as exec-oob that is not marked allow-oob is refused with GenericError.',
  source:
    'docs/interop/qmp-spec.rst (QEMU 10.0), Out-of-band execution: "Only a few commands support out-of-band execution."; the class as observed on these versions',
};

/** What the binary itself says it takes; nothing is judged where its schema is not at hand. */
export const bySchema: RuleFamily = {
  rules: [unknownCommand, argumentsRule, outOfBand],
  judge(evidence, ledger) {
    const { schema, exchanges } = evidence;
    if (outOfCommandMode(evidence)) return [];
    if (schema) return exchanges.flatMap((exchange) => bad(evidence, schema, exchange, ledger));
    if (exchanges.length > 0) {
      for (const rule of [unknownCommand, argumentsRule]) ledger.undecided(rule, 'no schema');
      if (exchanges.some(({ oob }) => oob)) ledger.undecided(outOfBand, 'no schema');
    }
    return [];
  },
};

function bad(evidence: Evidence, schema: QmpSchema, exchange: Exchange, ledger: Ledger): Violation[] {
  const { name, args, oob } = exchange;
  const command = schema.commands.get(name);
  const [wrong] = command ? conforms(schema, asStored(args), command.argsType) : [];
  if (!command || name === 'qmp_capabilities') {
    // Where out-of-band was not negotiated, exec-oob is an unexpected member, and that comes first.
    const classes = oob || wrong ? ['CommandNotFound', 'GenericError'] : ['CommandNotFound'];
    return refuse(unknownCommand, classes, { is: 'no command' });
  }
  const classes = absentThough(name, evidence) ? ['GenericError', 'CommandNotFound'] : ['GenericError'];
  if (oob && !command.allowOob) return refuse(outOfBand, classes, { is: 'out of band' });
  if (wrong && takesMore(name, schema)) ledger.undecided(argumentsRule, 'beyond its schema');
  if (!wrong || takesMore(name, schema)) return [];
  const { path, problem, text } = wrong;
  return refuse(argumentsRule, classes, { is: 'misfit', path, problem, text });

  function refuse(rule: Rule, classes: readonly string[], why: Reason): Violation[] {
    return mustFail(evidence, exchange, { rule, classes, why }, ledger);
  }
}

/** A trace from the connection on, where negotiation is still to come: the greeting rules see to that. */
const outOfCommandMode = ({ trace }: Evidence): boolean => trace.some(({ kind }) => kind === 'greeting');

/** Generated without a marshaller in QAPI ('gen': false), so that the schema names only some of their members. */
function takesMore(name: string, schema: QmpSchema): boolean {
  if (name === 'device_add' || name === 'query-qmp-schema') return true;
  return name === 'object-add' && schema.commands.get(name)?.args.tag === undefined; // a union since 6.0
}

/** 5.2's storage daemon lists object-add without having it. */
const absentThough = (name: string, { opened: { qemu } }: Evidence): boolean =>
  name === 'object-add' && qemu.flavour === 'daemon' && !hasTrait(qemu.version, 'plain object-add');
