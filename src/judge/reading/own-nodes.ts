import { childRoles } from '../../model/graph/add-node.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import { type Evidence, replyOf } from './evidence.ts';

/**
 * Whether a name stands for a node, or a drive, whose images all lie in memory here, as far down as options say: one of
 * the arena's, one that a step made with a new disk, or one that `blockdev-add` put above such nodes or files.
 */
export function ownNodesOf(evidence: Evidence): (name: Json | undefined, before: Place) => boolean {
  const known = read.get(evidence) ?? readNodes(evidence);
  read.set(evidence, known);
  return known;
}

const read = new WeakMap<Evidence, ReturnType<typeof ownNodesOf>>();

/** The nodes of a disk of the arena (execute/arena/nodes.ts), and its drive. */
const namesOf = (disk: string): string[] =>
  ['', '-file', '-throttle', '-blkdebug', '-room'].map((layer) => `${disk}${layer}`).concat(`drive-${disk}`);

function readNodes(evidence: Evidence): ReturnType<typeof ownNodesOf> {
  const { sequence } = evidence.opened;
  const made = [...sequence.arena.disks, ...disksMadeBySteps(sequence)];
  const own = new Set(made.flatMap(({ name }) => namesOf(name)));
  const added = new Map<string, Place>();
  for (const exchange of evidence.exchanges) {
    const { name, args, step, sent } = exchange;
    if (name !== 'blockdev-add' || step === undefined || replyOf(evidence, exchange)?.error) continue;
    for (const node of namesIn(args)) {
      if (isPlainNode(args, isOwn)) added.set(node, sent);
      else added.delete(node);
    }
  }
  return (name, before) =>
    typeof name === 'string' && (own.has(name) || (added.get(name) ?? Number.POSITIVE_INFINITY) < before);

  function isOwn(name: string): boolean {
    return own.has(name) || added.has(name);
  }
}

function namesIn(options: JsonObject): string[] {
  const inner = childRoles(options).flatMap(([, child]) => (isJsonObject(child) ? namesIn(child) : []));
  const name = options['node-name'];
  return typeof name === 'string' ? [name, ...inner] : inner;
}

/** A node that passes on what it is asked, or keeps what is written: it fails no request by itself. */
export function isPlainNode(options: JsonObject, isOwn: (name: string) => boolean = () => true): boolean {
  const { driver, locking, 'force-share': shares } = options;
  if (!plainDrivers.has(`${driver}`) || locking === 'off' || shares === true) return false;
  return childRoles(options).every(([, child]) =>
    isJsonObject(child) ? isPlainNode(child, isOwn) : typeof child !== 'string' || isOwn(child),
  );
}

const plainDrivers: ReadonlySet<string> = new Set([
  'compress',
  'copy-on-read',
  'file',
  'preallocate',
  'qcow2',
  'raw',
  'throttle',
]);
