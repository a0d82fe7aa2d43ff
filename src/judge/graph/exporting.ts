import { clearNode, filterDrivers, type Graph, usersOf } from '../../model/graph/graph.ts';
import { sharesFile } from '../../model/graph/shared-file.ts';
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
  name: 'graph/export-refused',
  kind: 'validation',
  statement:
    'No export is added under an id or NBD name that is taken, of a node that is not there, writable of a read-only node, or by NBD without its server; one that is not there is not removed.',
  source:
    'qapi/block-export.json (QEMU 10.0), BlockExportOptions: "A unique identifier for the block export (across all export types)"; block/export/export.c, blk_exp_add: "is already in use", "Cannot export read-only node as writable"; tried on these versions',
};
const accepted: Rule = {
  name: 'graph/export-accepted',
  kind: 'validation',
  statement:
    'An NBD export of a node that nothing but exports uses, and whose file no other node has open, is accepted while the server runs.',
  source:
    'qapi/block-export.json (QEMU 10.0), block-export-add: "Creates a new block export."; as observed on these versions',
};
const server: Rule = {
  name: 'graph/nbd-server-once',
  kind: 'validation',
  statement: 'The NBD server is not started while it runs, nor stopped while it does not.',
  source:
    'qapi/block-export.json (QEMU 10.0), nbd-server-start: "if the server is already running"; blockdev-nbd.c: "NBD server already running", "NBD server not running"; tried on these versions',
};

const add: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { id, type, name, writable, 'node-name': node } = args;
  if (typeof id === 'string') {
    if (graph.exports.get(id)?.presence === 'sure')
      return refuse(refused, { is: 'taken', what: 'id', name: id });
    if (graph.exports.has(id)) situation.unsure(refused, 'race');
    if (!isWellFormed(id)) return refuse(refused, { is: 'ill-formed id', id });
  }
  if (typeof node !== 'string') return undefined;
  if (isGone(situation, node)) return refuse(refused, { is: 'absent', what: 'node', name: node });
  if (writable === true && clearNode(graph, node)?.readOnly === true)
    return refuse(refused, { is: 'read-only, to be written', node });
  if (type !== 'nbd') return undefined;
  if (graph.nbdServer === 'stopped') return refuse(refused, { is: 'no NBD server' });
  const called = name ?? node;
  for (const each of graph.exports.values()) {
    if (each.presence === 'sure' && each.type === 'nbd' && each.name === called)
      return refuse(refused, { is: 'taken', what: 'export name', name: String(called) });
  }
  return undefined;
};

const addable: GraphCheck = (situation) => {
  const { graph, args } = situation;
  const { id, type, name = 'x', writable = false, 'node-name': node } = args;
  if (type !== 'nbd' || graph.nbdServer !== 'running' || typeof writable !== 'boolean') return undefined;
  if (typeof id !== 'string' || !isWellFormed(id) || graph.exports.has(id)) return undefined;
  if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name)) return undefined;
  if (!only(args, 'id', 'type', 'node-name', 'name', 'writable')) return undefined;
  const below = clearNode(graph, node);
  if (isUnclear(graph, node)) return situation.unsure(accepted, 'part of the graph');
  if (writable && below?.readOnly !== false) return undefined;
  // Filters have wants of their own: compress writes whole clusters, and an image may end within one.
  if (filterDrivers.has(below?.driver ?? '')) return undefined;
  if (below?.active !== true || sharesFile(graph, below.name)) return undefined;
  if (!stoodStill(situation, below.name)) return situation.unsure(accepted, 'race');
  const alone = [...usersOf(graph, below.name)].every(({ kind }) => kind === 'export');
  return alone && !isCalled(graph, String(args.name ?? node))
    ? accept(accepted, { is: 'not held', node: below.name })
    : undefined;
};

const isCalled = (graph: Graph, name: string): boolean =>
  [...graph.exports.values()].some((each) => each.name === name);

const remove: GraphCheck = ({ graph, args: { id }, notBefore }) =>
  typeof id === 'string' && !graph.exports.has(id) && (graph.vanished.get(`export ${id}`) ?? -1) < notBefore
    ? refuse(refused, { is: 'absent', what: 'export', name: id })
    : undefined;

const removable: GraphCheck = ({ graph, args }) => {
  const { id, mode } = args;
  const sure = typeof id === 'string' && graph.exports.get(id)?.presence === 'sure';
  return sure && mode === 'hard' && only(args, 'id', 'mode')
    ? accept(accepted, { is: 'present', what: 'export', name: id })
    : undefined;
};

const isWellFormed = (id: string): boolean => /^[A-Za-z][A-Za-z0-9._-]*$/.test(id);

export const exportRules: GraphRules = {
  rules: [refused, accepted, server],
  checks: {
    'block-export-add': firstOf(add, addable),
    'block-export-del': firstOf(remove, removable),
    'nbd-server-start': ({ graph }) =>
      graph.nbdServer === 'running' ? refuse(server, { is: 'server runs' }) : undefined,
    'nbd-server-stop': ({ graph, args }) =>
      graph.nbdServer === 'stopped'
        ? refuse(server, { is: 'server stopped' })
        : graph.nbdServer === 'running' && only(args)
          ? accept(accepted, { is: 'server runs' })
          : undefined,
  },
};
