import { cardOf } from '../../qemu/cards.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { errorsOf, type FaultStep, type Json, type QmpStep, type Step } from '../../sequence/step.ts';
import { minor } from './minor.ts';
import { decisiveOptions, type Option } from './options.ts';

/** One thing done, as a title names it: `drive-mirror` with what is decisive of its options. */
export type Doing = {
  what: string;
  /** The same where that is too long. */
  short?: string;
  options: readonly Option[];
  /** The greater it is, the sooner a title that would be too long does without it. */
  minor: number;
};

/** What a sequence does, in order; waiting is no doing. `refused`: the steps whose command QEMU refused. */
export function doings({ arena, steps }: Sequence, refused: ReadonlySet<number>): Doing[] {
  const injected = arena.disks.flatMap(({ layers = [] }) =>
    layers.flatMap((layer) => ('blkdebug' in layer && layer.blkdebug.length > 0 ? layer.blkdebug : [])),
  );
  const all = [
    ...(injected.length > 0 ? [plain(errorWords(injected), minor.fault)] : []),
    ...steps.flatMap((step, i) => doing(step, arena.disks, refused.has(i)) ?? []),
  ];
  if (all.length === 0) return steps.flatMap((step) => ('qmp' in step ? named(step, arena.disks) : []));
  return all.filter((each, i) => each.what !== all[i - 1]?.what || each.options.length > 0);
}

export const withWords = (done: Doing, words: string): Doing => ({
  ...done,
  what: `${done.what}${words}`,
  ...(done.short === undefined ? {} : { short: `${done.short}${words}` }),
});

export const plain = (what: string, minor: number): Doing => ({ what, options: [], minor });

type Disks = Sequence['arena']['disks'];

function doing(step: Step, disks: Disks, isRefused: boolean): Doing | undefined {
  if ('qmp' in step) {
    const done = command(step, disks);
    return isRefused && done ? { ...withWords(done, ' (refused)'), minor: minor.refused } : done;
  }
  if ('raw' in step) return plain('malformed JSON on the monitor', minor.command);
  if ('guest' in step) {
    if (step.client) return plain(`a guest ${requests[step.guest]} by a new NBD client`, minor.command);
    const flight = step.wait === false ? ' in flight' : '';
    return plain(`a guest ${requests[step.guest]}${flight}`, minor.guest);
  }
  return 'fault' in step ? plain(faultWords(step), minor.fault) : undefined;
}

function command(step: QmpStep, disks: Disks): Doing | undefined {
  if (usual.has(step.qmp)) return undefined;
  return named(step, disks);
}

function named(step: QmpStep, disks: Disks): Doing {
  const { qmp, args = {} } = step;
  if (step.oob) return plain(`an out-of-band ${cardOf(qmp) ? qmp : 'command'}`, minor.command);
  if (qmp === 'transaction') return transaction(args, disks);
  if (qmp === 'blockdev-reopen') return reopen(args);
  const driver = qmp === 'blockdev-add' && typeof args.driver === 'string' ? ` of ${args.driver}` : '';
  const what = `${qmp}${driver}${threadWords(driver === '' ? 'of' : 'over', args, disks)}`;
  return { what, options: decisiveOptions(args), minor: cardOf(qmp)?.verb ? minor.verb : minor.command };
}

/** They make ready what another command uses. */
const usual: ReadonlySet<string> = new Set([
  'nbd-server-start',
  'block-dirty-bitmap-add',
  'object-add',
  'qom-set',
]);

const requests = {
  write: 'write',
  zero: 'zero write',
  discard: 'discard',
  flush: 'flush',
  read: 'read',
} as const;

function transaction(args: Record<string, Json>, disks: Disks): Doing {
  const { actions, properties } = args;
  const parts = Array.isArray(actions) ? actions.filter(isJsonObject) : [];
  const data = parts.map((part) => (isJsonObject(part.data) ? part.data : {}));
  const byType = [...Map.groupBy(parts, ({ type }) => `${type}`)];
  const told = byType.filter(([type]) => !usual.has(type));
  const types = (told.length > 0 ? told : byType).map(([type, of]) =>
    of.length === 1 ? type : `${of.length} ${type}`,
  );
  const sources = new Set(data.map(({ device }) => JSON.stringify(device)));
  const one = parts.length > 1 && sources.size === 1 && data[0]?.device !== undefined ? ' of one drive' : '';
  const grouped = isJsonObject(properties) ? decisiveOptions(properties) : [];
  const options = [...grouped, ...(parts.length === 1 ? decisiveOptions(data[0] ?? {}) : [])];
  return {
    what: `transaction of ${listed(types)}${one}${threadWords('of', args, disks)}`,
    short: 'transaction',
    options,
    minor: minor.command,
  };
}

/** With three names no title has room for anything else. */
function listed(types: readonly string[]): string {
  const [first = 'nothing', second, ...more] = types;
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}

function reopen(args: Record<string, Json>): Doing {
  const nodes = Array.isArray(args.options) ? args.options.filter(isJsonObject) : [args];
  const [first] = nodes;
  if (!first) return plain('blockdev-reopen of an empty list', minor.command);
  const names = new Set(nodes.map((node) => JSON.stringify(node['node-name'])));
  const of =
    names.size < nodes.length
      ? ' of a node named twice'
      : nodes.length > 1
        ? ` of ${nodes.length} nodes`
        : '';
  const driver = nodes.length === 1 && typeof first.driver === 'string' ? ` as ${first.driver}` : '';
  return {
    what: `blockdev-reopen${driver}${of}`,
    options: nodes.length === 1 ? decisiveOptions(first) : [],
    minor: minor.command,
  };
}

function threadWords(by: 'of' | 'over', args: Json, disks: Disks): string {
  const names = new Set(disks.filter(({ iothread }) => iothread !== undefined).map(({ name }) => name));
  return names.size > 0 && mentions(args, names) ? ` ${by} a node in an iothread` : '';
}

function mentions(value: Json, names: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return names.has(value);
  return (
    value !== null && typeof value === 'object' && Object.values(value).some((each) => mentions(each, names))
  );
}

const errorWords = (
  errors: readonly { errno: string; iotype?: string | undefined; event?: string | undefined }[],
): string =>
  [...new Set(errors.map(({ errno, iotype, event }) => `${errno}${about(iotype ?? event)}`))].join(' and ');

const about = (request: string | undefined): string =>
  request === undefined ? '' : ` on ${request === 'flush_to_disk' ? 'flush' : request.replaceAll('_', '-')}`;

function faultWords(step: FaultStep): string {
  switch (step.fault) {
    case 'inject':
      return errorWords(errorsOf(step));
    case 'lift':
      return 'the errors lifted';
    case 'throttle':
      return 'a throttled disk';
    case 'unthrottle':
      return 'the throttling lifted';
    case 'fill':
      return 'a full file system';
    case 'room':
      return 'room again on the file system';
    case 'sigstop':
      return 'QEMU suspended';
    case 'sigcont':
      return 'QEMU resumed';
    case 'sigkill':
      return 'QEMU killed';
    case 'restart':
      return 'QEMU restarted';
    case 'server':
      return `the storage server ${step.is}`;
    case 'stranger':
      return 'a stray NBD client';
    case 'opener':
      return 'another process at the image';
    case 'monitor':
      return 'another monitor';
    default:
      return step satisfies never;
  }
}
