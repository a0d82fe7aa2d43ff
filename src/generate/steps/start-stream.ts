import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import type { Situation } from '../situation.ts';
import { backingFile } from './backing-file.ts';
import {
  deviceArgument,
  drawJobId,
  drawSource,
  freshName,
  imageNodes,
  isBusy,
  mayStart,
  nodeArgument,
} from './candidates.ts';
import { command, offers, only } from './command.ts';
import { jobOptions, onError } from './job-options.ts';
import { chainBelow, isUsedBelow } from './start-commit.ts';

/** block-stream of a disk, or of a node in the middle of its chain. */
export function startStream(draw: Draw, situation: Situation): Step[] | undefined {
  const source = mayStart(situation) ? drawStreamed(draw, situation) : undefined;
  if (!source) return undefined;
  return only(
    command(draw, situation, 'block-stream', {
      'job-id': drawJobId(draw, situation),
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

/** Without a backing file there is nothing to stream, and the job ends as soon as it has begun. */
function drawStreamed(draw: Draw, situation: Situation): GuessedNode | undefined {
  const isWritable = ({ readOnly }: GuessedNode): boolean => !readOnly;
  const hasBacking = (node: GuessedNode): boolean =>
    node.backing !== undefined && isWritable(node) && !isUsedBelow(situation, node);
  const inner = imageNodes(situation).filter((node) => hasBacking(node) && !isBusy(situation, node.name));
  return draw.chance(0.15)
    ? drawSource(draw, situation, isWritable)
    : ((draw.chance(0.2) ? draw.anyOf(inner) : undefined) ??
        drawSource(draw, situation, hasBacking, { belowFilters: true }));
}

function range(draw: Draw, situation: Situation, chain: readonly GuessedNode[]): JsonObject {
  const below = chain.slice(1);
  const base = draw.anyOf(below);
  if (!base || draw.chance(0.5)) return {};
  if (draw.chance(0.3) && offers(situation, 'block-stream', 'bottom')) return { bottom: nodeArgument(base) };
  const named = draw.chance(0.6) ? backingFile(draw, situation, base.disk) : {};
  return base.disk !== undefined && draw.chance(0.05)
    ? { base: { path: base.name }, ...named }
    : {
        'base-node': nodeArgument(base),
        ...named,
        ...draw.sometimes(0.2, { 'backing-mask-protocol': true }),
      };
}
