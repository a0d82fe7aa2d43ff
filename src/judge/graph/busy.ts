import { clearNode, type Graph, holderOf, lookUp, usersOf } from '../../model/graph/graph.ts';
import type { NodeArgument } from '../../qemu/card.ts';
import type { Rule } from '../rule.ts';
import { checksOfNodes, type GraphCheck, type GraphRules, isUnclear, refuse } from './ruling.ts';

export const held: Rule = {
  name: 'graph/node-held',
  kind: 'validation',
  statement:
    'A node that a running job blocks takes no resize, snapshot, further job or deletion: of a mirror its source and target, of a backup its target, of a stream the device down to its base, of a commit the device and all from top to base.',
  source:
    'we expect it: blockjob.c, block_job_add_bdrv: blocks every operation ("block device is in use by block job"); every operation on every role of every job tried',
};
const notRoot: Rule = {
  name: 'graph/not-root',
  kind: 'validation',
  statement:
    'A node below another is neither mirrored nor committed from; one that is a backing file is also not resized, given an overlay of its own or mirrored to.',
  source:
    'qapi/block-core.json (QEMU 10.0), BackupCommon: "the device name or node-name of a root node which should be copied."; blockdev.c, qmp_get_root_bs: "Need a root block node"; block.c, bdrv_backing_attach: "node is used as backing hd of"; tried on chains and layers',
};

const checkOf =
  (wanted: readonly [string, NodeArgument][]): GraphCheck =>
  (situation) => {
    const { graph, args } = situation;
    // Of a node's name under `device`, which only drives have, and another one the other is taken (bdrv_lookup_bs).
    if (wanted.filter(([member]) => member in args).length > 1 && 'node-name' in args) return undefined;
    for (const [member, { stands }] of wanted) {
      const name = lookUp(graph, args[member]);
      if (name === undefined) continue;
      const job = holderOf(graph, name);
      if (!job && isUnclear(graph, name))
        for (const rule of [held, notRoot]) situation.unsure(rule, 'part of the graph');
      if (job) return refuse(held, { is: 'held', member, node: name, type: job.type, job: job.id }, classes);
      const above = stands === undefined ? undefined : parentOf(graph, name, stands);
      // A drive may stand on a filter instead.
      if (above !== undefined && !graph.drives.has(String(args[member])))
        return refuse(notRoot, { is: 'below', member, node: name, above }, classes);
    }
    return undefined;
  };

/** block-commit may miss its device for another reason first. */
const classes = ['GenericError', 'DeviceNotFound'];

function parentOf(
  graph: Graph,
  name: string,
  which: NonNullable<NodeArgument['stands']>,
): string | undefined {
  const users = usersOf(graph, name);
  // A backup's filter stands between the node and its parents, and nothing is blocked on what is below it (10.0, 11.1).
  if (!clearNode(graph, name) || [...users].some(({ kind }) => kind === 'job')) return undefined;
  for (const user of users) {
    if (user.kind !== 'node' || (which === 'not as backing' && user.role !== 'backing')) continue;
    if (clearNode(graph, user.name)) return user.name;
  }
  return undefined;
}

/** What blockdev-del is refused for is another rule's matter (delete.ts). */
export const busyNodes: GraphRules = {
  rules: [held, notRoot],
  checks: checksOfNodes(
    ({ free }) => free === true,
    ({ change }) => change?.kind !== 'deletes node',
    checkOf,
  ),
};
