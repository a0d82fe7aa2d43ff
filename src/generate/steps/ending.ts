import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { command } from './command.ts';

/** QEMU is told to quit, whatever goes on, and is waited for. */
export function quit(draw: Draw, situation: Situation): Step[] | undefined {
  const step = command(draw, situation, 'quit');
  return step && [step, { await: 'exit' }];
}

/** Mostly quit; now and then QEMU is killed, as by a power cut. */
export function quitOrKill(draw: Draw, situation: Situation): Step[] | undefined {
  return draw.chance(0.2) ? [{ fault: 'sigkill' }] : quit(draw, situation);
}
