import { noSuchCommand } from '../../qemu/no-such-command.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';

/** Commands sent as exec-oob: such as may be, and such as may not. Those that could do something lack their arguments. */
export function outOfBand(draw: Draw, { binary: { schema }, jobs }: Situation): Step[] {
  const allowed = [...schema.commands.values()].filter(({ allowOob }) => allowOob).map(({ name }) => name);
  const id = jobs[0]?.id ?? 'none';
  const inBandOnly: Step = draw.oneOf<Step>([
    { qmp: 'query-jobs', oob: true },
    { qmp: 'job-pause', args: { id }, oob: true },
    { qmp: 'job-cancel', args: { id: 'no-such-job' }, oob: true },
    { qmp: 'blockdev-del', args: { 'node-name': 'no-such-node' }, oob: true },
    { qmp: noSuchCommand, oob: true },
  ]);
  const name = draw.anyOf(allowed);
  if (name === undefined || draw.chance(0.4)) return [inBandOnly];
  const args = name === 'yank' ? { instances: [] } : {};
  return [{ qmp: name, args, oob: true }];
}
