import { type PossibleNames, possibleNames } from '../../model/names.ts';
import { conforms } from '../../qmp/conforms.ts';
import type { Evidence } from '../evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type JobLives, jobLives } from './job-lives.ts';
import { isExact, spellsNumbers } from './numbers.ts';
import { mustFail } from './refusal.ts';
import { givenId, type Start, startsOf } from './start-commands.ts';

const versions = '5.2, 7.2, 10.0, 11.1';

const startArgumentsRule: Rule = {
  name: 'validation/start-arguments',
  kind: 'validation',
  statement:
    'A job is not started with a granularity that is neither 0 nor a power of two from 512 to 64 MiB, a negative buf-size or speed, an ill-formed job-id, a mirror of sync incremental or bitmap, or onto its own source.',
  source:
    'qapi/block-core.json, drive-mirror (granularity "must be a power of 2 between 512 and 64M") and BlockdevMirror; ids and the rest as observed on these versions',
  versions,
};
const idInUse: Rule = {
  name: 'validation/id-in-use',
  kind: 'validation',
  statement: 'No job is started under the id of a job that is still there.',
  source:
    'qapi/block-core.json, job-id: identifier for the newly-created block job; as observed on these versions',
  versions,
};
const unknownNode: Rule = {
  name: 'validation/unknown-node',
  kind: 'validation',
  statement:
    'No job is started on a device or target that no command ever made: GenericError, for the device of block-commit DeviceNotFound.',
  source:
    'qapi/block-core.json: "If device does not exist, DeviceNotFound" (block-commit); GenericError for the others as observed on these versions',
  versions,
};

/** Starts that must be refused for what they ask; only what the trace proves wrong. */
export const startArguments: RuleFamily = {
  rules: [startArgumentsRule, idInUse, unknownNode],
  judge(evidence) {
    const starts = startsOf(evidence.exchanges).filter(({ exchange }) => !exchange.oob);
    if (starts.length === 0) return [];
    const names = possibleNames(evidence.trace);
    const lives = jobLives(evidence.trace);
    return starts.flatMap((start): Violation[] => {
      const why = outOfRange(start);
      if (why !== undefined) return refused(evidence, start, startArgumentsRule, why);
      if (idTaken(start, lives))
        return refused(evidence, start, idInUse, `under the id ${givenId(start)} of a live job`);
      return onNothing(evidence, start, names);
    });
  },
};

function refused(evidence: Evidence, start: Start, rule: Rule, why: string): Violation[] {
  return mustFail(evidence, start.exchange, rule, classesOf(evidence, start), why);
}

/** Several things may be wrong at once, and the first that QEMU looks at gives the class. */
function classesOf({ schema }: Evidence, { exchange: { name } }: Start): string[] {
  const absent = !schema?.commands.has(name);
  return [
    'GenericError',
    ...(name === 'block-commit' ? ['DeviceNotFound'] : []),
    ...(absent ? ['CommandNotFound'] : []),
  ];
}

/** What is wrong with the arguments whatever the graph is like; undefined where that is nothing. */
function outOfRange({ exchange: { name }, args }: Start): string | undefined {
  const { granularity, speed, sync, device, target, 'buf-size': bufSize, 'job-id': id } = args;
  if (isExact(speed) && speed < 0) return `with speed ${speed}`;
  if (typeof id === 'string' && !/^[A-Za-z][A-Za-z0-9._-]*$/.test(id))
    return `with job-id ${JSON.stringify(id)}`;
  const isMirror = name === 'drive-mirror' || name === 'blockdev-mirror';
  if (isMirror && isExact(granularity) && !isGranularity(granularity))
    return `with granularity ${granularity}`;
  if (isMirror && isExact(bufSize) && bufSize < 0) return `with buf-size ${bufSize}`;
  if (isMirror && (sync === 'incremental' || sync === 'bitmap')) return `with sync ${sync}`;
  const toNode = name === 'blockdev-mirror' || name === 'blockdev-backup';
  if (toNode && typeof device === 'string' && device === target) return 'onto its own source';
  return undefined;
}

/** 0 is the default. */
export function isGranularity(bytes: number): boolean {
  return bytes === 0 || (bytes >= 512 && bytes <= 64 * 2 ** 20 && Number.isInteger(Math.log2(bytes)));
}

function idTaken(start: Start, lives: JobLives): boolean {
  const { notBefore, reply } = start.exchange;
  const id = givenId(start);
  return id !== undefined && reply !== undefined && lives.livesThroughout(id, notBefore, reply);
}

function onNothing(evidence: Evidence, start: Start, names: PossibleNames): Violation[] {
  const { name, reply } = start.exchange;
  if (reply === undefined) return [];
  const { device, target } = start.args;
  const unknown = (value: unknown): boolean => typeof value === 'string' && !names.mayExist(value, reply);
  if (unknown(device)) {
    const classes =
      name === 'block-commit' && inOrder(evidence, start) ? ['DeviceNotFound'] : classesOf(evidence, start);
    return mustFail(
      evidence,
      start.exchange,
      unknownNode,
      classes,
      `on unknown device ${JSON.stringify(device)}`,
    );
  }
  const toNode = name === 'blockdev-mirror' || name === 'blockdev-backup';
  if (!toNode || !unknown(target)) return [];
  return refused(evidence, start, unknownNode, `onto unknown target ${JSON.stringify(target)}`);
}

/** Nothing but the device can be the reason of a refusal that comes before the device is looked up. */
function inOrder(evidence: Evidence, { exchange, args }: Start): boolean {
  const { schema } = evidence;
  const command = schema?.commands.get(exchange.name);
  const plain = Object.values(args).every((value) => typeof value !== 'number' || isExact(value));
  const clear = plain && !Object.hasOwn(args, 'backing-mask-protocol') && !spellsNumbers(evidence, exchange);
  return (
    schema !== undefined &&
    command !== undefined &&
    clear &&
    conforms(schema, args, command.argsType).length === 0
  );
}
