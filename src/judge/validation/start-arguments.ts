import { cardOf } from '../../qemu/cards.ts';
import { conflictIn } from '../../qemu/conflict.ts';
import { isInRange } from '../../qemu/number-range.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Reason } from '../facts/reason.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type JobLives, jobLives } from './job-lives.ts';
import { isExact } from './numbers.ts';
import { mustFail } from './refusal.ts';
import { givenId, type Start, startsOf } from './start-commands.ts';

const startArgumentsRule: Rule = {
  name: 'validation/start-arguments',
  kind: 'validation',
  statement:
    'A job is not started with a granularity that is neither 0 nor a power of two from 512 to 64 MiB, a negative buf-size or speed, less than one worker, an ill-formed job-id, sync incremental or bitmap where it is a mirror or names no bitmap, or its own source as the target.',
  source:
    'qapi/block-core.json (QEMU 10.0), DriveMirror: "Must be a power of 2 between 512 and 64M (since 1.4)."; ids and the rest as observed on these versions',
};
const conflictRule: Rule = {
  name: 'validation/conflicting-arguments',
  kind: 'validation',
  statement:
    'A job is not started with arguments that exclude each other, or one without the other that it wants: base, base-node and bottom; top and top-node; a backing-file where all is streamed; replaces without node-name; bitmap without bitmap-mode, or the other way round; a bitmap-mode that the sync mode has no use for.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-stream: "It cannot be set if @base-node or @bottom is also set."; BackupCommon says the like of bitmap and bitmap-mode; the others as observed on these versions',
};
const idInUse: Rule = {
  name: 'validation/id-in-use',
  kind: 'validation',
  statement: 'No job is started under the id of a job that is still there.',
  source:
    'qapi/block-core.json (QEMU 10.0), BackupCommon: "identifier for the newly-created block job."; as observed on these versions',
};

/** Starts that must be refused for what they ask; only what the trace proves wrong. */
export const startArguments: RuleFamily = {
  rules: [startArgumentsRule, conflictRule, idInUse],
  judge(evidence, ledger) {
    const starts = startsOf(evidence.exchanges).filter(({ exchange }) => !exchange.oob);
    if (starts.length === 0) return [];
    const lives = jobLives(evidence.trace);
    return starts.flatMap((start): Violation[] => {
      const why = outOfRange(start.exchange.name, start.args);
      if (why !== undefined) return refused(why.is === 'conflict' ? conflictRule : startArgumentsRule, why);
      return idTaken(start, lives)
        ? refused(idInUse, { is: 'id of a live job', id: `${givenId(start)}` })
        : [];

      function refused(rule: Rule, reason: Reason): Violation[] {
        const refusal = { rule, classes: classesOf(evidence, start), why: reason };
        return mustFail(evidence, start.exchange, refusal, ledger);
      }
    });
  },
};

/** Several things may be wrong at once, and the first that QEMU looks at gives the class. */
function classesOf({ schema }: Evidence, { exchange: { name } }: Start): string[] {
  const missing = Object.values(cardOf(name)?.nodes ?? {}).flatMap((node) => node.missing ?? []);
  return ['GenericError', ...missing, ...(schema?.commands.has(name) ? [] : ['CommandNotFound'])];
}

/** What is wrong with the arguments whatever the graph is like; undefined where that is nothing. */
export function outOfRange(name: string, args: Start['args']): Reason | undefined {
  const { numbers = {}, conflicts, job } = cardOf(name) ?? {};
  for (const [member, range] of Object.entries(numbers)) {
    const value = valueAt(args, member.split('.'));
    if (isExact(value) && !isInRange(value, range)) return argument(member, value);
  }
  const { sync, bitmap, device, target, 'job-id': id } = args;
  if (typeof id === 'string' && !isJobId(id)) return argument('job-id', id);
  if (job?.syncRefused?.includes(`${sync}`)) return argument('sync', sync ?? null);
  if (job?.target === 'node' && typeof device === 'string' && device === target) return { is: 'own source' };
  if (job?.syncByBitmap?.includes(`${sync}`) && bitmap === undefined)
    return { is: 'sync without bitmap', sync: `${sync}` };
  const conflict = conflictIn(args, conflicts);
  if (!conflict) return undefined;
  return { is: 'conflict', given: Object.keys(conflict.given), lacks: conflict.lacks ?? [] };
}

/** Members of members are named `a.b`. */
function valueAt(value: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return value;
  return isJsonObject(value) ? valueAt(value[name], rest) : undefined;
}

const argument = (member: string, value: Json): Reason => ({ is: 'argument', member, value });

/** Whether no option can stand in the way of a start; its nodes still may. */
export function hasPlainOptions(command: string, args: Start['args']): boolean {
  const { numbers = {}, job } = cardOf(command) ?? {};
  const { device: _, target: __, 'job-id': id, ...options } = args;
  if (!job?.plain || typeof id !== 'string' || !isJobId(id) || options.sync === undefined) return false;
  return Object.entries(options).every(([name, value]) => {
    const range = numbers[name];
    if (range) return isExact(value) && isInRange(value, range);
    return job.plain?.[name]?.includes(value as string | boolean);
  });
}

const isJobId = (text: string): boolean => /^[A-Za-z][A-Za-z0-9._-]*$/.test(text);

function idTaken(start: Start, lives: JobLives): boolean {
  const { notBefore, reply } = start.exchange;
  const id = givenId(start);
  return id !== undefined && reply !== undefined && lives.livesThroughout(id, notBefore, reply);
}
