import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { command } from './command.ts';

/** QEMU is asked to quit, whatever goes on, and is waited for. */
export function quit(draw: Draw, situation: Situation): Step[] | undefined {
  const step = command(draw, situation, 'quit');
  return step && [step, { await: 'exit' }];
}

/** Mostly quit; now and then QEMU is killed, as by a power cut, and at times started again on what is left. */
export function quitOrKill(draw: Draw, situation: Situation): Step[] | undefined {
  if (draw.chance(0.8)) return quit(draw, situation);
  return draw.chance(0.5)
    ? [{ fault: 'sigkill' }]
    : [{ fault: 'sigkill' }, { fault: 'restart' }, ...lookAround(situation)];
}

/** Whoever comes back reads the disks, and finds no job. */
const lookAround = ({ arena }: Situation): Step[] => [
  { qmp: 'query-jobs', expect: { return: [] } },
  ...arena.disks
    .filter(({ frontend }) => frontend === 'nbd' || frontend === 'auto')
    .map(({ name }): Step => ({ guest: 'read', disk: name, offsetBytes: 0, lengthBytes: 4096 })),
];
