import { jobOf } from '../../qemu/cards.ts';
import type { Json } from '../../sequence/step.ts';
import { chainBelow, type Graph, type JobNodes, lookUp } from './graph.ts';

type Args = Record<string, Json>;

/**
 * The nodes that a job works on, and those that it blocks, by the command that starts it; undefined where the graph does
 * not tell. From block/mirror.c, backup.c, stream.c, commit.c: each block_job_add_bdrv; tried with every operation on
 * every role.
 */
export function jobNodes(graph: Graph, command: string, args: Args): JobNodes | undefined {
  const device = lookUp(graph, args.device);
  if (device === undefined) return undefined;
  const filter = typeof args['filter-node-name'] === 'string' ? args['filter-node-name'] : undefined;
  const nodes = { device, target: undefined, base: undefined, top: undefined, plain: true, filter };
  const target = lookUp(graph, args.target);
  switch (jobOf(command)?.holds) {
    case 'source and target':
      if (target === undefined) return undefined;
      return { ...nodes, target, held: [device, target], plain: args.replaces === undefined };
    case 'target':
      return target === undefined ? undefined : { ...nodes, target, held: [target] };
    case 'source down to base':
      return streamed(graph, args, nodes);
    case 'source, top to base':
      return committed(graph, args, nodes);
    case undefined:
      return undefined;
  }
}

type Nodes = Omit<JobNodes, 'held'>;

/** The device and everything above the base. */
function streamed(graph: Graph, args: Args, nodes: Nodes): JobNodes | undefined {
  const chain = chainBelow(graph, nodes.device);
  if (!chain || args.base !== undefined) return undefined;
  const { 'base-node': named, bottom } = args;
  const end =
    typeof bottom === 'string'
      ? chain.indexOf(bottom) + 1
      : typeof named === 'string'
        ? chain.indexOf(named)
        : chain.length;
  if (end < 0 || (typeof bottom === 'string' && end === 0)) return undefined;
  return { ...nodes, base: chain[end], held: [nodes.device, ...chain.slice(0, end)] };
}

/** From the top down to the base, and the device above. */
function committed(graph: Graph, args: Args, nodes: Nodes): JobNodes | undefined {
  const below = chainBelow(graph, nodes.device);
  if (!below || args.base !== undefined || args.top !== undefined) return undefined;
  const chain = [nodes.device, ...below];
  const from = args['top-node'] === undefined ? 0 : chain.indexOf(String(args['top-node']));
  const to = args['base-node'] === undefined ? chain.length - 1 : chain.indexOf(String(args['base-node']));
  if (from < 0 || to <= from) return undefined;
  const held = [...new Set([nodes.device, ...chain.slice(from, to + 1)])];
  return { ...nodes, top: chain[from], base: chain[to], held };
}
