import { clearNode, type Graph, sureNode, usersOf } from '../../model/graph/graph.ts';
import { bitmapCommands } from '../../qemu/commands/bitmaps.ts';
import { isInRange } from '../../qemu/number-range.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Rule } from '../rule.ts';
import { isExact } from '../validation/numbers.ts';
import {
  accept,
  firstOf,
  type GraphCheck,
  type GraphRules,
  isGone,
  only,
  refuse,
  stoodStill,
} from './ruling.ts';

const refused: Rule = {
  name: 'graph/bitmap-refused',
  kind: 'validation',
  statement:
    'A dirty bitmap is not added under a name that its node has already, with a granularity that is no power of two from 512 on, or to a node that is gone; and none that is not there is removed, cleared, enabled, disabled or merged.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-dirty-bitmap-add: "If @name is already taken, GenericError"; tried on these versions',
};
const accepted: Rule = {
  name: 'graph/bitmap-accepted',
  kind: 'validation',
  statement:
    'A dirty bitmap that is not persistent can be added to any node, busy or not, under a free name; one that is there can be enabled, disabled, cleared and removed while no job uses its node.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-dirty-bitmap-add: "If @node is not a valid block device or node, DeviceNotFound"; no other error is documented but a name that is taken; tried on every node of every job',
};

const inUse: Rule = {
  name: 'graph/bitmap-in-use',
  kind: 'validation',
  statement:
    'The dirty bitmap that a backup was given is not removed, cleared, enabled, disabled, merged into or given to another backup until that one begins to end.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-dirty-bitmap-remove: "if @name is frozen by an operation, GenericError"; docs/interop/bitmaps.rst: "The ``+busy`` status prohibits you from deleting, clearing, or otherwise modifying a bitmap"',
};

const { granularity: granularities } = bitmapCommands['block-dirty-bitmap-add'].numbers;

const add: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { node, name, granularity } = args;
  if (typeof node === 'string' && isGone(situation, node))
    return refuse(refused, { is: 'absent', what: 'node for it', name: node });
  if (isExact(granularity) && !isInRange(granularity, granularities))
    return refuse(refused, { is: 'argument', member: 'granularity', value: granularity });
  if (typeof name !== 'string') return undefined;
  if (name === '') return refuse(refused, { is: 'no bitmap name' });
  return has(graph, node, name) === true
    ? refuse(refused, { is: 'bitmap there', bitmap: name, node: String(node) })
    : undefined;
};

const addable: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { node, name, granularity = 512, disabled = false, persistent = false } = args;
  if (typeof name !== 'string' || has(graph, node, name) !== false || !isNodeName(graph, node))
    return undefined;
  const plain = typeof disabled === 'boolean' && persistent === false && /^[\w.-]{1,100}$/.test(name);
  if (!plain || !isExact(granularity) || granularity > 2 ** 26) return undefined;
  if (!only(args, 'node', 'name', 'granularity', 'disabled', 'persistent')) return undefined;
  return stoodStill(situation, String(node))
    ? accept(accepted, { is: 'bitmap absent', bitmap: name, node: String(node) })
    : situation.unsure(accepted, 'race');
};

const unknownBitmap: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { node, name, target, bitmaps } = args;
  if (typeof node === 'string' && isGone(situation, node))
    return refuse(refused, { is: 'absent', what: 'node', name: node });
  const sources = Array.isArray(bitmaps) ? bitmaps : [];
  const wanted: [Json | undefined, Json | undefined][] = [
    [node, name ?? target],
    ...sources.map((each): [Json | undefined, Json | undefined] =>
      isJsonObject(each) ? [each.node, each.name] : [node, each],
    ),
  ];
  const missing = wanted.find(([on, each]) => has(graph, on, each) === false);
  if (!missing)
    return wanted.some(([on, each]) => has(graph, on, each) === undefined)
      ? situation.unsure(refused, 'part of the graph')
      : undefined;
  return refuse(refused, { is: 'bitmap absent', bitmap: String(missing[1]), node: String(missing[0]) });
};

const knownBitmap: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { node, name } = args;
  if (!only(args, 'node', 'name') || has(graph, node, name) !== true || !isNodeName(graph, node))
    return undefined;
  // A drive-backup's nodes are not followed, and its bitmap is busy until it is over.
  const clear = clearNode(graph, node);
  const used = [...usersOf(graph, String(node))].some(({ kind }) => kind === 'job');
  if (!clear) return situation.unsure(accepted, 'part of the graph');
  if (used || clear.bitmaps?.get(String(name))?.persistent) return undefined;
  if (!stoodStill(situation, String(node))) return situation.unsure(accepted, 'race');
  return accept(accepted, { is: 'bitmap there', bitmap: String(name), node: String(node) });
};

/** Whether a node has a bitmap; undefined where that is not known. */
function has(graph: Graph, node: Json | undefined, name: Json | undefined): boolean | undefined {
  const known = isNodeName(graph, node) ? sureNode(graph, node)?.bitmaps : undefined;
  return known && typeof name === 'string' ? known.has(name) : undefined;
}

/** A drive's name may mean a filter above its node. */
const isNodeName = (graph: Graph, name: Json | undefined): boolean =>
  sureNode(graph, name) !== undefined && !graph.drives.has(String(name));

const busy: GraphCheck = ({ graph, args }) => {
  const { node, name, target } = args;
  return ownedByJob(graph, node, name ?? target);
};

/** A second backup is told by its device, and may be refused for its nodes as well. */
const given: GraphCheck = ({ graph, args }) => ownedByJob(graph, args.device, args.bitmap);

function ownedByJob(graph: Graph, node: Json | undefined, name: Json | undefined) {
  if (typeof node !== 'string' || typeof name !== 'string' || !isNodeName(graph, node)) return undefined;
  for (const { id, sure, nodes, bitmap } of graph.jobs.values())
    if (sure && nodes?.device === node && bitmap === name)
      return refuse(inUse, { is: 'bitmap of job', bitmap: name, node, job: id }, inUseClasses);
  return undefined;
}

/** A start may be refused for something else first. */
const inUseClasses = ['GenericError', 'DeviceNotFound'];

const change = firstOf(unknownBitmap, busy, knownBitmap);

export const bitmaps: GraphRules = {
  rules: [refused, accepted, inUse],
  checks: {
    'block-dirty-bitmap-add': firstOf(add, addable),
    'block-dirty-bitmap-remove': change,
    'block-dirty-bitmap-clear': change,
    'block-dirty-bitmap-enable': change,
    'block-dirty-bitmap-disable': change,
    'block-dirty-bitmap-merge': firstOf(unknownBitmap, busy),
    'blockdev-backup': given,
    'drive-backup': given,
  },
};
