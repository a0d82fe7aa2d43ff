import { clearNode, usersOf } from '../../model/graph/graph.ts';
import type { Rule } from '../rule.ts';
import { type GraphCheck, type GraphRules, isGone, isUnclear, refuse } from './ruling.ts';

const overlay: Rule = {
  name: 'graph/unfit-overlay',
  kind: 'validation',
  statement:
    'blockdev-snapshot takes no overlay that is exported or a drive, that has a backing file already, or whose driver knows none.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-snapshot: "Take a snapshot, by installing \'node\' as the backing image of \'overlay\'."; blockdev.c, external_snapshot_prepare: "The overlay is already in use", "already has a backing image", "does not support backing images"; tried on these versions',
};

const unfitOverlay: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { overlay: name, node } = args;
  if (typeof name !== 'string') return undefined;
  if (isGone(situation, name)) return refuse(overlay, { is: 'absent', what: 'overlay', name });
  if (typeof node === 'string' && isGone(situation, node))
    return refuse(overlay, { is: 'absent', what: 'node', name: node });
  const above = clearNode(graph, name);
  if (!above) return isUnclear(graph, name) ? situation.unsure(overlay, 'part of the graph') : undefined;
  const users = [...usersOf(graph, name)];
  // A job's filter stands between a node and its exports and drives, which are the filter's then (5.2).
  const direct = users.some(({ kind }) => kind === 'job') ? [] : users;
  for (const user of direct) {
    const exported = user.kind === 'export' && graph.exports.get(user.name)?.presence === 'sure';
    if (exported || user.kind === 'drive' || (user.kind === 'device' && !user.leaving))
      return refuse(overlay, {
        is: 'used',
        what: 'overlay',
        node: name,
        by: user.kind,
        user: user.name,
      });
  }
  if (above.children.get('backing') !== undefined)
    return refuse(overlay, { is: 'overlay with backing', node: name });
  const { driver = '' } = above;
  return /^(raw|file|null-co|null-aio|blkdebug|throttle)$/.test(driver)
    ? refuse(overlay, { is: 'overlay of driver', node: name, driver })
    : undefined;
};

export const overlays: GraphRules = { rules: [overlay], checks: { 'blockdev-snapshot': unfitOverlay } };
