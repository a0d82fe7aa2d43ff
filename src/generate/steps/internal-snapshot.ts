import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { deviceArgument, imageNodes, isBusy, isOdd } from './candidates.ts';
import { command, only } from './command.ts';

/** Snapshots within a qcow2 image, made and deleted: on a busy disk both are refused. */
export function internalSnapshot(draw: Draw, situation: Situation): Step[] | undefined {
  const made = drawInternalSnapshot(draw, situation);
  if (made && draw.chance(0.6)) return only(command(draw, situation, ...made));
  const node = drawNode(draw, situation);
  if (!node) return undefined;
  const named = draw.oneOf([
    { name: draw.oneOf(names) },
    { name: draw.oneOf(names) },
    { id: draw.oneOf(['1', '2', '9']) },
    { id: '1', name: draw.oneOf(names) },
    {},
  ] as const);
  return only(
    command(draw, situation, 'blockdev-snapshot-delete-internal-sync', {
      device: deviceArgument(node),
      ...named,
    }),
  );
}

/** The command's name and arguments, as a transaction wants them too. */
export function drawInternalSnapshot(draw: Draw, situation: Situation): [string, JsonObject] | undefined {
  const node = drawNode(draw, situation);
  if (!node) return undefined;
  const name = isOdd(draw, situation) ? '' : draw.oneOf(names);
  return ['blockdev-snapshot-internal-sync', { device: deviceArgument(node), name }];
}

/** Few, so that some are taken, and some are there to be deleted. */
const names: [string, ...string[]] = ['before', 'before', 'after'];

const drawNode = (draw: Draw, situation: Situation) =>
  draw.weighted(
    imageNodes(situation).map((node) => {
      const isSound = node.driver === 'qcow2' && !node.readOnly && !isBusy(situation, node.name);
      return [isSound ? 6 : 1, node] as const;
    }),
  );
