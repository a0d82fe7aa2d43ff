import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { damaged } from './damage.ts';
import { rawLimits } from './limits.ts';
import { outOfBand } from './out-of-band.ts';
import { oversized } from './oversized.ts';
import { realCommands } from './real-commands.ts';
import { split } from './split.ts';
import { strangeInput } from './strange-input.ts';

/**
 * Bytes for the monitor that are no plain command: damaged, cut, glued, oversized, or out of band. Names and ids are
 * plain text, since a reference would be looked up only in a command's arguments; no file is named.
 */
export function rawSteps(draw: Draw, situation: Situation): Step[] {
  const commands = realCommands(situation);
  // Out-of-band must be negotiated when QEMU starts, and then raw bytes are read ahead of what runs.
  if (draw.chance(rawLimits.outOfBandShare)) return outOfBand(draw, situation);
  const kind = draw.weighted([
    [8, 'damaged'],
    [4, 'split'],
    [5, 'strange'],
    [1, 'oversized'],
  ] as const);
  switch (kind) {
    case 'split':
      return split(draw, commands);
    case 'strange':
      return [{ raw: strangeInput(draw, commands) }];
    case 'oversized':
      return [{ raw: oversized(draw) }];
    case 'damaged':
    case undefined:
      return [{ raw: damaged(draw, draw.oneOf(commands)) }];
  }
}
