import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import type { Situation } from '../situation.ts';
import { backingFile } from './backing-file.ts';
import { deviceArgument, drawSource, freshName, isOdd, mayStart, nodeArgument } from './candidates.ts';
import { command, only } from './command.ts';
import { jobOptions, onError } from './job-options.ts';
import { idArgument } from './start-mirror.ts';

/** block-commit of the active layer, or of what lies between two nodes of a chain. */
export function startCommit(draw: Draw, situation: Situation): Step[] | undefined {
  const fits = (node: GuessedNode): boolean =>
    node.backing !== undefined && !node.readOnly && !isUsedBelow(situation, node);
  const source = mayStart(situation) ? drawSource(draw, situation, fits) : undefined;
  if (!source) return undefined;
  return only(
    command(draw, situation, 'block-commit', {
      ...idArgument(draw, situation, source),
      device: deviceArgument(source),
      ...range(draw, situation, chainBelow(situation, source)),
      ...jobOptions(draw, situation),
      ...onError(draw, situation),
      ...(draw.chance(situation.habits.options / 2)
        ? { 'filter-node-name': freshName(situation, 'filter') }
        : {}),
    }),
  );
}

/** From the top node down to the base, by node or by file name. */
function range(draw: Draw, situation: Situation, chain: readonly GuessedNode[]): JsonObject {
  // Of the active layer it is a mirror; only below it block/commit.c copies.
  const active = chain.length < 3 || draw.chance(0.35);
  if (chain.length < 2 || (active && draw.chance(0.6))) return {};
  const topAt = active ? 0 : draw.int(1, chain.length - 2);
  const baseAt = isOdd(draw, situation)
    ? draw.int(0, chain.length - 1)
    : draw.int(topAt + 1, chain.length - 1);
  const [top, base] = [chain[topAt], chain[baseAt]];
  if (!top) return {};
  const byFile = (node: GuessedNode): boolean => node.disk !== undefined && draw.chance(0.05);
  return {
    // What the header above names then is the node below the base's protocol node.
    ...draw.sometimes(active ? 0 : 0.2, { 'backing-mask-protocol': true }),
    ...(active || draw.chance(0.4) ? {} : backingFile(draw, situation, base?.disk)),
    ...(active ? {} : byFile(top) ? { top: { path: top.name } } : { 'top-node': nodeArgument(top) }),
    ...(!base ? {} : byFile(base) ? { base: { path: base.name } } : { 'base-node': nodeArgument(base) }),
  };
}

/** After a pivot a guest may be on the base of what it was on before: QEMU keeps jobs off what stands on that. */
export const isUsedBelow = (situation: Situation, node: GuessedNode): boolean =>
  chainBelow(situation, node)
    .slice(1)
    .some(({ frontend }) => frontend !== 'none');

/** The node itself and what it stands on, layer by layer. */
export function chainBelow({ nodes }: Situation, from: GuessedNode): GuessedNode[] {
  const chain = [from];
  for (let node: GuessedNode | undefined = from; node?.backing !== undefined; ) {
    const { backing }: GuessedNode = node;
    node = nodes.find(({ name }) => name === backing);
    if (!node || chain.includes(node)) break;
    chain.push(node);
  }
  return chain;
}
