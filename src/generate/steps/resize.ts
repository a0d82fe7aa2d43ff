import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { imageNodes } from './candidates.ts';
import { command, only } from './command.ts';

/** Another size for any image, whatever a job or a guest is about on it: mostly larger, as a disk of a running guest grows. */
export function resize(draw: Draw, situation: Situation): Step[] | undefined {
  const node = draw.anyOf(imageNodes(situation).filter(({ readOnly }) => !readOnly));
  if (!node) return undefined;
  const larger = node.sizeBytes + draw.oneOf([512, 65_536, 2 ** 20] as const);
  const size = draw.chance(0.85) ? larger : Math.max(0, node.sizeBytes - 65_536);
  const drive = node.frontend === 'drive' && draw.chance(0.3) ? node.disk : undefined;
  return only(
    command(draw, situation, 'block_resize', {
      ...(drive === undefined ? { 'node-name': node.name } : { device: { disk: drive } }),
      size,
    }),
  );
}
