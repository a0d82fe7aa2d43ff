import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import type { Situation } from '../situation.ts';
import { drawSource, freshName, isOdd } from './candidates.ts';
import { command, only } from './command.ts';

/** An overlay on what a guest sees; on a busy disk it is refused, but for backups. */
export function snapshot(draw: Draw, situation: Situation): Step[] | undefined {
  const made = drawSnapshot(draw, situation);
  return made && only(command(draw, situation, ...made));
}

/** The command's name and arguments, as a transaction wants them too. */
export function drawSnapshot(
  draw: Draw,
  situation: Situation,
): [name: 'blockdev-snapshot-sync' | 'blockdev-snapshot', args: JsonObject] | undefined {
  // Without anything on top of the node the overlay is freed at once, and the node stays read-only.
  const hasFrontend = ({ frontend, sizeBytes }: GuessedNode): boolean =>
    frontend !== 'none' && sizeBytes % 512 === 0;
  const node = drawSource(draw, situation, (each) => hasFrontend(each) || isOdd(draw, situation));
  if (!node || situation.nodes.filter(({ origin }) => origin === 'snapshot').length >= 3) return undefined;
  if (draw.chance(0.6)) {
    const overlay = freshName(situation, 's');
    return [
      'blockdev-snapshot-sync',
      {
        'node-name': node.name,
        'snapshot-file': { newFile: `${overlay}.qcow2` },
        'snapshot-node-name': overlay,
        ...draw.sometimes(0.7, { format: 'qcow2' }),
      },
    ];
  }
  const overlay = { newDisk: freshName(situation, 's'), format: 'qcow2', sizeBytes: node.sizeBytes };
  return ['blockdev-snapshot', { node: node.name, overlay }];
}
