import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { isInUse } from '../guess-graph.ts';
import type { Situation } from '../situation.ts';
import { command, only } from './command.ts';

/**
 * HMP's `commit`, which is no job: the monitor copies each overlay that somebody has open into its backing image, and
 * empties it. Which those are no reply says, so what images hold is undecided from there on.
 */
export function commitAll(draw: Draw, situation: Situation): Step[] | undefined {
  const hasOverlay = situation.nodes.some(
    ({ name, backing }) => backing !== undefined && isInUse(situation, name),
  );
  if (!hasOverlay || situation.suspended) return undefined;
  return only(command(draw, situation, 'human-monitor-command', { 'command-line': 'commit all' }));
}
