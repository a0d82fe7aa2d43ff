import { clearNode, sureNode, type User, usersOf } from '../../model/graph/graph.ts';
import type { Reason } from '../facts/reason.ts';
import type { Rule } from '../rule.ts';
import {
  accept,
  firstOf,
  type GraphCheck,
  type GraphRules,
  isGone,
  isUnclear,
  only,
  refuse,
  stoodStill,
} from './ruling.ts';

const refused: Rule = {
  name: 'graph/delete-refused',
  kind: 'validation',
  statement:
    'blockdev-del is refused for a node that is not there any more, that something stands on (a node, an export, a drive, a job) or that blockdev-add did not make as a root.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-del: "The command will fail if the node is attached to a device or is otherwise being used."; every role in every job tried',
};
const accepted: Rule = {
  name: 'graph/delete-accepted',
  kind: 'validation',
  statement: 'blockdev-del of a node that nothing uses succeeds.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-del: "The command will fail if the node is attached to a device or is otherwise being used."; block jobs of other nodes do not matter, as tried on these versions',
};

const mustFail: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const name = args['node-name'];
  if (typeof name !== 'string') return undefined;
  if (isGone(situation, name)) return refuse(refused, { is: 'absent', what: 'node', name });
  const node = clearNode(graph, name);
  if (!node) return isUnclear(graph, name) ? situation.unsure(refused, 'part of the graph') : undefined;
  if (!node.owned) return refuse(refused, { is: 'not its own root', node: name });
  for (const user of usersOf(graph, name))
    if (isCertain(user, graph)) return refuse(refused, usedBy(name, user));
  return usersOf(graph, name).size > 0 ? situation.unsure(refused, 'race') : undefined;
};

function usedBy(node: string, user: User): Reason {
  const named = user.kind === 'job' ? user.job.id : user.name;
  return { is: 'used', what: 'node', node, by: user.kind, user: named };
}

function isCertain(user: User, graph: Parameters<typeof usersOf>[0]): boolean {
  switch (user.kind) {
    case 'node': {
      const above = sureNode(graph, user.name);
      return above !== undefined && !above.entangled;
    }
    case 'export':
      return graph.exports.get(user.name)?.presence === 'sure';
    case 'device':
      return user.leaving !== true;
    case 'drive':
      return true;
    case 'job':
      return user.job.sure;
  }
}

const mustSucceed: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const name = args['node-name'];
  const node = clearNode(graph, name);
  if (!node?.owned || !only(args, 'node-name') || usersOf(graph, node.name).size > 0) return undefined;
  return stoodStill(situation, node.name)
    ? accept(accepted, { is: 'unused', node: node.name })
    : situation.unsure(accepted, 'race');
};

export const deletions: GraphRules = {
  rules: [refused, accepted],
  checks: { 'blockdev-del': firstOf(mustFail, mustSucceed) },
};
