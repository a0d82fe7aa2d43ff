import { chainBelow, clearNode, type Graph, lookUp, usersOf } from '../../model/graph/graph.ts';
import { sharesFile } from '../../model/graph/shared-file.ts';
import type { StartedJob } from '../../qemu/card.ts';
import { cardOf, withPart } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Reason } from '../facts/reason.ts';
import type { Rule } from '../rule.ts';
import { hasPlainOptions } from '../validation/start-arguments.ts';
import { unknownNodeRule } from '../validation/unknown-node.ts';
import {
  accept,
  firstOf,
  type GraphCheck,
  type GraphRules,
  type GraphSituation,
  isGone,
  isUnclear,
  refuse,
  stoodStill,
} from './ruling.ts';

export const unfit: Rule = {
  name: 'graph/unfit-target',
  kind: 'validation',
  statement: 'No mirror or backup is started onto a read-only node, and no backup onto one of another size.',
  source:
    'we expect it: block/mirror.c and copy-before-write.c: the target is opened for writing; block/backup.c, backup_job_create: "Source and target image have different sizes"; tried on these versions',
};
const offChain: Rule = {
  name: 'graph/off-chain',
  kind: 'validation',
  statement:
    'block-commit and block-stream take as base, top and bottom only nodes of the backing chain below the device, and nothing is committed without a backing file.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-commit: "The node name of the backing image within the image chain which contains the topmost data to be committed down."; blockdev.c: "is not in this backing file chain", "cannot commit an image into itself"; tried on these versions',
};
export const free: Rule = {
  name: 'graph/must-accept-start',
  kind: 'validation',
  statement:
    'blockdev-mirror and blockdev-backup with plain options are accepted from a node that no job touches onto a writable one of the same size that nothing uses.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-mirror: "Start mirroring a block device\'s writes to a new destination."; as observed on these versions',
};

const classes = ['GenericError', 'DeviceNotFound'];

const nodeGone =
  (named: readonly [string, unknown][]): GraphCheck =>
  (situation) => {
    const { args } = situation;
    const [member] =
      named.find(([each]) => typeof args[each] === 'string' && isGone(situation, args[each])) ?? [];
    return member === undefined
      ? undefined
      : refuse(unknownNodeRule, { is: 'gone', member, name: String(args[member]) }, classes);
  };

const unfitTarget =
  ({ sameSize }: StartedJob): GraphCheck =>
  ({ graph, args, unsure }) => {
    const source = clearNode(graph, lookUp(graph, args.device));
    const target = clearNode(graph, lookUp(graph, args.target));
    if (target?.readOnly === true) return refuse(unfit, { is: 'read-only target', node: target.name });
    if (isUnclear(graph, lookUp(graph, args.target))) return unsure(unfit, 'part of the graph');
    const [from, to] = [source?.sizeBytes, target?.sizeBytes];
    if (!sameSize || from === undefined || to === undefined || from === to) return undefined;
    return refuse(unfit, { is: 'sizes differ', fromBytes: from, toBytes: to });
  };

/** By file names (base, top) nothing is judged: how QEMU compares them is its own matter. */
const commitChain: GraphCheck = ({ graph, args, unsure }) => {
  const chain = chainOf(graph, args);
  if (!chain && isUnclear(graph, args.device)) return unsure(offChain, 'part of the graph');
  if (!chain || args.base !== undefined || args.top !== undefined) return undefined;
  const { 'top-node': top, 'base-node': base } = args;
  const [device] = chain;
  if (device === undefined) return undefined;
  if (chain.length === 1) return refuse(offChain, { is: 'no backing file', node: device }, classes);
  const from = top === undefined ? 0 : chain.indexOf(String(top));
  const to = base === undefined ? chain.length - 1 : chain.indexOf(String(base));
  if (from < 0) return refuse(offChain, notBelow('top-node', top, device), classes);
  if (to < 0) return refuse(offChain, notBelow('base-node', base, device), classes);
  return to <= from
    ? refuse(offChain, { is: 'upwards', from: `${chain[from]}`, to: `${chain[to]}` }, classes)
    : undefined;
};

const notBelow = (member: string, name: unknown, device: string): Reason => ({
  is: 'off chain',
  member,
  name: String(name),
  device,
});

const streamChain: GraphCheck = ({ graph, args, unsure }) => {
  const chain = chainOf(graph, args);
  if (!chain && isUnclear(graph, args.device)) return unsure(offChain, 'part of the graph');
  if (!chain) return undefined;
  const below = chain.slice(1);
  const base = args['base-node'];
  if (typeof base === 'string' && !below.includes(base))
    return refuse(offChain, notBelow('base-node', base, `${chain[0]}`));
  const { bottom } = args;
  return typeof bottom === 'string' && !chain.includes(bottom)
    ? refuse(offChain, notBelow('bottom', bottom, `${chain[0]}`))
    : undefined;
};

/** The device and its backing chain; a drive may stand on a filter. */
function chainOf(graph: Graph, args: JsonObject): string[] | undefined {
  const { device } = args;
  const below = graph.drives.has(String(device)) ? undefined : chainBelow(graph, device);
  return below && [String(device), ...below];
}

const plainStart =
  (command: string): GraphCheck =>
  (situation) => {
    const { graph, args } = situation;
    const source = clearNode(graph, args.device);
    const target = clearNode(graph, args.target);
    if (source === target && source) return undefined;
    if (!hasPlainOptions(command, args)) return undefined;
    if (!source || !target)
      return isUnclear(graph, args.device) || isUnclear(graph, args.target)
        ? situation.unsure(free, 'part of the graph')
        : undefined;
    const fits = source.sizeBytes !== undefined && source.sizeBytes === target.sizeBytes;
    if (!fits || source.active !== true || target.active !== true || target.readOnly !== false)
      return undefined;
    if (!isFreeId(situation) || !quiet(situation, source.name)) return undefined;
    if (usersOf(graph, target.name).size > 0 || !isUsedByNodesAlone(graph, target.name)) return undefined;
    if (!stoodStill(situation, target.name)) return situation.unsure(free, 'race');
    if (sharesFile(graph, target.name) || sharesFile(graph, source.name)) return undefined;
    // Layers may hold requests, and iothreads their nodes.
    if (!isPlain(graph, target.name)) return undefined;
    return accept(free, { is: 'free target', node: source.name, target: target.name });
  };

/** No job of that id was there while the start may have been handled. */
function isFreeId({ graph, args, notBefore }: GraphSituation): boolean {
  const id = String(args['job-id']);
  return !graph.jobs.has(id) && (graph.vanished.get(`job ${id}`) ?? -1) < notBefore;
}

/** No job on it or below it, and nothing above it but exports. */
function quiet(situation: GraphSituation, name: string): boolean {
  const { graph } = situation;
  const below = chainBelow(graph, name);
  const users = [...usersOf(graph, name)];
  return (
    below !== undefined &&
    users.every(({ kind }) => kind === 'export') &&
    isUsedByNodesAlone(graph, name) &&
    [name, ...below].every((each) => stoodStill(situation, each) && isPlain(graph, each))
  );
}

/** What lies below it: who else writes there may keep a writer of this node out. */
const isUsedByNodesAlone = (graph: Graph, name: string): boolean =>
  (chainBelow(graph, name) ?? []).every((each) =>
    [...usersOf(graph, each)].every(({ kind }) => kind === 'node'),
  );

/** A node over its own file and perhaps a backing file, or over nothing. */
function isPlain(graph: Graph, name: string): boolean {
  const node = clearNode(graph, name);
  if (!node) return false;
  if (node.driver === 'file' || node.driver === 'null-co') return true;
  const file = node.children.get('file');
  const sole = file !== undefined && usersOf(graph, file).size === 1;
  const plain = [...node.children.keys()].every((role) => role === 'file' || role === 'backing');
  return (
    plain &&
    sole &&
    (node.driver === 'qcow2' || node.driver === 'raw') &&
    clearNode(graph, file)?.driver === 'file'
  );
}

/** What is refused whatever the nodes are like, then what the chain does not allow, then what must be accepted. */
function checksOf([command, job]: [string, StartedJob]): [string, GraphCheck][] {
  const named = Object.entries(cardOf(command)?.nodes ?? {}).filter(([, { known }]) => known);
  if (named.length === 0) return [];
  const checks = [nodeGone(named)];
  if (job.target === 'node') checks.push(unfitTarget(job), plainStart(command));
  if (job.holds === 'source, top to base') checks.push(commitChain);
  if (job.holds === 'source down to base') checks.push(streamChain);
  return [[command, firstOf(...checks)]];
}

export const starts: GraphRules = {
  rules: [unfit, offChain, free],
  checks: Object.fromEntries(withPart('job').flatMap(checksOf)),
};
