import { clearNode, lookUp, usersOf } from '../../model/graph/graph.ts';
import type { Rule } from '../rule.ts';
import { checksOfNodes, type GraphCheck, type GraphRules, isUnclear, refuse } from './ruling.ts';

const inactive: Rule = {
  name: 'graph/inactive-node',
  kind: 'validation',
  statement:
    'No job is started from or onto a node that is inactive, nor is one resized; and none is made inactive below an active one.',
  source:
    'we expect it: block.c: "Inactive … can\'t be a child of active", "unavailable on inactive node", "Node has active parent node"; tried on these versions',
  since: '10.0',
};

const asleep =
  (named: readonly [string, unknown][]): GraphCheck =>
  ({ graph, args, unsure }) => {
    if (named.some(([each]) => isUnclear(graph, lookUp(graph, args[each]))))
      unsure(inactive, 'part of the graph');
    const [member] =
      named.find(([each]) => clearNode(graph, lookUp(graph, args[each]))?.active === false) ?? [];
    return member === undefined
      ? undefined
      : refuse(inactive, { is: 'inactive', member, node: String(args[member]) });
  };

const belowActive: GraphCheck = ({ graph, args }) => {
  const node = clearNode(graph, args['node-name']);
  if (!node || args.active !== false || node.active !== true) return undefined;
  for (const user of usersOf(graph, node.name)) {
    if (user.kind === 'node' && clearNode(graph, user.name)?.active === true)
      return refuse(inactive, { is: 'below active', node: node.name, above: user.name });
  }
  return undefined;
};

export const inactiveNodes: GraphRules = {
  rules: [inactive],
  checks: {
    ...checksOfNodes(
      ({ active }) => active === true,
      () => true,
      asleep,
    ),
    'blockdev-set-active': belowActive,
  },
};
