import { clearNode, type Graph, holderOf, lookUp, usersOf } from '../../model/graph/graph.ts';
import type { Rule } from '../rule.ts';
import { type Check, type GraphRules, refuse } from './ruling.ts';

const held: Rule = {
  name: 'graph/node-held',
  kind: 'validation',
  statement:
    'A node that a running job blocks takes no resize, snapshot, further job or deletion: of a mirror its source and target, of a backup its target, of a stream the device down to its base, of a commit the device and all from top to base.',
  source:
    'blockjob.c, block_job_add_bdrv: blocks every operation ("block device is in use by block job"); every operation on every role of every job tried',
};
const notRoot: Rule = {
  name: 'graph/not-root',
  kind: 'validation',
  statement:
    'A node below another is neither mirrored nor committed from; one that is a backing file is also not resized, given an overlay of its own or mirrored to.',
  source:
    'blockdev.c, qmp_get_root_bs: "Need a root block node"; block.c, bdrv_backing_attach: "node is used as backing hd of"; tried on chains and layers',
};

/** Members that name a node which must be free, and whether it must stand below no other, or be nobody's backing file. */
type Wish = { member: string; also: 'root' | 'no-backing' | undefined };
const wish = (member: string, also?: 'root' | 'no-backing'): Wish => ({ member, also });

const wishes: Record<string, readonly Wish[]> = {
  block_resize: [wish('node-name', 'no-backing')],
  'blockdev-snapshot': [wish('node', 'no-backing')],
  'blockdev-snapshot-sync': [wish('node-name', 'no-backing'), wish('device', 'no-backing')],
  'blockdev-mirror': [wish('device', 'root'), wish('target', 'no-backing')],
  'drive-mirror': [wish('device', 'root')],
  'blockdev-backup': [wish('device'), wish('target')],
  'drive-backup': [wish('device')],
  'block-stream': [wish('device')],
  'block-commit': [wish('device', 'root')],
};

const checkOf =
  (wanted: readonly Wish[]): Check =>
  ({ graph, args }) => {
    // Of a node's name under `device`, which only drives have, and another one the other is taken (bdrv_lookup_bs).
    if (wanted.filter(({ member }) => member in args).length > 1 && 'node-name' in args) return undefined;
    for (const { member, also } of wanted) {
      const name = lookUp(graph, args[member]);
      if (name === undefined) continue;
      const job = holderOf(graph, name);
      if (job) return refuse(held, { is: 'held', member, node: name, type: job.type, job: job.id }, classes);
      const above = also === undefined ? undefined : parentOf(graph, name, also);
      // A drive may stand on a filter instead.
      if (above !== undefined && !graph.drives.has(String(args[member])))
        return refuse(notRoot, { is: 'below', member, node: name, above }, classes);
    }
    return undefined;
  };

/** block-commit may miss its device for another reason first. */
const classes = ['GenericError', 'DeviceNotFound'];

function parentOf(graph: Graph, name: string, which: 'root' | 'no-backing'): string | undefined {
  const users = usersOf(graph, name);
  // A backup's filter stands between the node and its parents, and nothing is blocked on what is below it (10.0, 11.1).
  if (!clearNode(graph, name) || [...users].some(({ kind }) => kind === 'job')) return undefined;
  for (const user of users) {
    if (user.kind !== 'node' || (which === 'no-backing' && user.role !== 'backing')) continue;
    if (clearNode(graph, user.name)) return user.name;
  }
  return undefined;
}

export const busyNodes: GraphRules = {
  rules: [held, notRoot],
  checks: Object.fromEntries(Object.entries(wishes).map(([command, wanted]) => [command, checkOf(wanted)])),
};
