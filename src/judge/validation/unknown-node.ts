import { possibleNames } from '../../model/names.ts';
import { conforms } from '../../qmp/conforms.ts';
import type { Json } from '../../sequence/step.ts';
import type { Evidence, Exchange } from '../evidence.ts';
import type { Reason } from '../facts/reason.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { asStored, isExact, spellsNumbers } from './numbers.ts';
import { mustFail } from './refusal.ts';

const unknownNodeRule: Rule = {
  name: 'validation/unknown-node',
  kind: 'validation',
  statement:
    'A command on a node or device that no command ever made is refused: GenericError, for the device of block-commit DeviceNotFound. Judged for the commands that start jobs, blockdev-del, blockdev-snapshot and the dirty bitmaps.',
  source:
    'qapi/block-core.json: "If device does not exist, DeviceNotFound" (block-commit); GenericError for the others as observed on these versions',
};

/** A session begins without nodes, so a name that nothing has given means nothing; undecided after raw bytes. */
export const unknownNode: RuleFamily = {
  rules: [unknownNodeRule],
  judge(evidence) {
    const names = possibleNames(evidence.trace);
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const { name, args, reply, oob } = exchange;
      const members = nodeMembers[name];
      if (!members || reply === undefined || oob) return [];
      const unknown = members.find((member) => {
        const value = args[member];
        return typeof value === 'string' && !names.mayExist(value, reply);
      });
      if (unknown === undefined) return [];
      const why: Reason = { is: 'never made', member: unknown, name: String(args[unknown]) };
      return mustFail(evidence, exchange, unknownNodeRule, classesOf(evidence, exchange, unknown), why);
    });
  },
};

const bitmapCommands = ['add', 'remove', 'clear', 'enable', 'disable'].map(
  (verb) => `block-dirty-bitmap-${verb}`,
);

/** Members that name a node or device, which QEMU looks up before it does anything. */
const nodeMembers: Record<string, readonly string[]> = {
  'drive-mirror': ['device', 'replaces'],
  'blockdev-mirror': ['device', 'target', 'replaces'],
  'drive-backup': ['device'],
  'blockdev-backup': ['device', 'target'],
  'block-stream': ['device', 'base-node', 'bottom'],
  'block-commit': ['device', 'base-node', 'top-node'],
  'blockdev-del': ['node-name'],
  'blockdev-snapshot': ['node', 'overlay'],
  ...Object.fromEntries(bitmapCommands.map((name) => [name, ['node']])),
};

/** Several things may be wrong at once, and the first that QEMU looks at gives the class. */
function classesOf(evidence: Evidence, exchange: Exchange, unknown: string): string[] {
  const { name } = exchange;
  const absent = !evidence.schema?.commands.has(name);
  if (name !== 'block-commit') return absent ? ['GenericError', 'CommandNotFound'] : ['GenericError'];
  const onlyDevice = unknown === 'device' && inOrder(evidence, exchange);
  return onlyDevice ? ['DeviceNotFound'] : ['DeviceNotFound', 'GenericError'];
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
