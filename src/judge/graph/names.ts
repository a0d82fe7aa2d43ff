import { namesGiven } from '../../model/graph/add-node.ts';
import { type Graph, sureNode } from '../../model/graph/graph.ts';
import { withPart } from '../../qemu/cards.ts';
import type { Rule } from '../rule.ts';
import { isExact } from '../validation/numbers.ts';
import { accept, firstOf, type GraphCheck, type GraphRules, isGone, only, refuse } from './ruling.ts';

const inUse: Rule = {
  name: 'graph/name-in-use',
  kind: 'validation',
  statement:
    'No second node gets the name of a node or drive that is there: by blockdev-add, or as a filter.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOptions: "the node name of the new node (Since 2.0)."; block.c, bdrv_assign_node_name: "Duplicate nodes with node-name"; tried for roots, nested nodes and filters',
};
const nullNode: Rule = {
  name: 'graph/must-accept-add',
  kind: 'validation',
  statement:
    'blockdev-add of a null-co node under a free, well-formed name succeeds, whatever else is there.',
  source: 'we expect it: qapi/block-core.json, BlockdevOptionsNull: it needs no file and no other node',
};

const nameTaken: GraphCheck = ({ graph, args }) => {
  const names = namesGiven(args);
  const again = names.find((name, i) => taken(graph, name) || names.indexOf(name) < i);
  return again === undefined ? undefined : refuse(inUse, { is: 'name taken', node: again });
};

const filterTaken: GraphCheck = ({ graph, args: { 'filter-node-name': filter } }) =>
  typeof filter === 'string' && taken(graph, filter)
    ? refuse(inUse, { is: 'taken', what: 'filter name', name: filter }, ['GenericError', 'DeviceNotFound'])
    : undefined;

const plainNull: GraphCheck = (situation) => {
  const { args } = situation;
  const { driver, 'node-name': name, size = 0, 'read-only': readOnly = false } = args;
  if (driver !== 'null-co' || !only(args, 'driver', 'node-name', 'size', 'read-only')) return undefined;
  if (typeof name !== 'string' || !/^[A-Za-z][\w.-]{0,30}$/.test(name) || !isGone(situation, name))
    return undefined;
  if (!isExact(size) || size < 0 || typeof readOnly !== 'boolean') return undefined;
  return accept(nullNode, { is: 'free name', node: name });
};

const taken = (graph: Graph, name: string): boolean =>
  sureNode(graph, name) !== undefined || graph.drives.has(name);

export const names: GraphRules = {
  rules: [inUse, nullNode],
  checks: {
    'blockdev-add': firstOf(nameTaken, plainNull),
    ...Object.fromEntries(
      withPart('names').flatMap(([command, given]) =>
        given.includes('filter-node-name') ? [[command, filterTaken]] : [],
      ),
    ),
  },
};
