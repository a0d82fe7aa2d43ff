import { possibleNames } from '../../model/names.ts';
import { cardOf } from '../../qemu/cards.ts';
import { conforms } from '../../qmp/conforms.ts';
import type { Json } from '../../sequence/step.ts';
import { asPlace } from '../../trace/place.ts';
import type { Reason } from '../facts/reason.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { asStored, isExact, spellsNumbers } from './numbers.ts';
import { mustFail } from './refusal.ts';

export const unknownNodeRule: Rule = {
  name: 'validation/unknown-node',
  kind: 'validation',
  statement:
    'A command on a node or device that no command ever made is refused: GenericError, for the device of block-commit DeviceNotFound. Judged for the commands that start jobs, blockdev-del, blockdev-snapshot and the dirty bitmaps; and no job is started on a node that is gone.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-commit: "If @device does not exist, DeviceNotFound"; GenericError for the others as observed on these versions',
};

/** A session begins without nodes, so a name that nothing has given means nothing; undecided after raw bytes. */
export const unknownNode: RuleFamily = {
  rules: [unknownNodeRule],
  judge(evidence, ledger) {
    const names = possibleNames(evidence.trace);
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const { name, args, reply, oob } = exchange;
      if (reply === undefined || oob) return [];
      // Only those that QEMU looks up before it does anything.
      const [unknown] =
        Object.entries(cardOf(name)?.nodes ?? {}).find(([member, { known }]) => {
          const value = args[member];
          return known && typeof value === 'string' && !names.mayExist(value, reply);
        }) ?? [];
      if (unknown === undefined) {
        if (refersToNode(exchange) && reply > names.unknownFrom)
          ledger.undecided(unknownNodeRule, { why: 'raw bytes', from: asPlace(names.unknownFrom) });
        return [];
      }
      const why: Reason = { is: 'never made', member: unknown, name: String(args[unknown]) };
      const classes = classesOf(evidence, exchange, unknown);
      return mustFail(evidence, exchange, { rule: unknownNodeRule, classes, why }, ledger);
    });
  },
};

const refersToNode = ({ name, args }: Exchange): boolean =>
  Object.entries(cardOf(name)?.nodes ?? {}).some(
    ([member, { known }]) => known && typeof args[member] === 'string',
  );

/** Several things may be wrong at once, and the first that QEMU looks at gives the class. */
function classesOf(evidence: Evidence, exchange: Exchange, unknown: string): string[] {
  const { name } = exchange;
  const { nodes = {} } = cardOf(name) ?? {};
  const [missing] = Object.values(nodes).flatMap((node) => node.missing ?? []);
  const absent = !evidence.schema?.commands.has(name);
  if (missing === undefined) return absent ? ['GenericError', 'CommandNotFound'] : ['GenericError'];
  const isIt = nodes[unknown]?.missing !== undefined && inOrder(evidence, exchange);
  return isIt ? [missing] : [missing, 'GenericError'];
}

/** Nothing but the device can be the reason of a refusal that comes before the device is looked up. */
function inOrder(evidence: Evidence, exchange: Exchange): boolean {
  const { schema } = evidence;
  const args = asStored(exchange.args) as Record<string, Json>;
  const command = schema?.commands.get(exchange.name);
  if (!schema || !command || spellsNumbers(evidence, exchange)) return false;
  const plain = Object.values(args).every((value) => typeof value !== 'number' || isExact(value));
  const clear = plain && !Object.hasOwn(args, 'backing-mask-protocol');
  return clear && conforms(schema, args, command.argsType).length === 0;
}
