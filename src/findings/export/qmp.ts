import { renderStep } from '../../sequence/render.ts';
import type { Json } from '../../sequence/step.ts';
import { imageCommands } from '../repro/images.ts';
import type { Action, Plan, PlannedCommand, PlannedStep } from '../repro/plan.ts';
import { json } from '../repro/shell.ts';
import { commandLineOf } from '../repro/start.ts';
import { request } from '../repro/step-guest.ts';
import { shellLine } from './qmp-shell.ts';

export type QmpForm = 'qmp' | 'qmp-shell';

/**
 * What was done as lines for QEMU's monitor: JSON, fit to be piped into `-qmp stdio`, or as qmp-shell takes it. `before`:
 * what is to be there first. `leftOut`: what has no such form, a step a line.
 */
export type QmpExport = { lines: string[]; before: string[]; leftOut: string[] };

export function qmpExport(plan: Plan, form: QmpForm): QmpExport {
  const leftOut: string[] = [];
  const line = (command: PlannedCommand, execute = 'execute'): string[] => {
    if (form === 'qmp') return [jsonLine(command, execute)];
    const text = execute === 'execute' ? shellLine(command) : undefined;
    if (text === undefined) leftOut.push(`qmp-shell can't say ${json(command.name)} with these arguments`);
    return text === undefined ? [] : [text];
  };
  const lines = [
    ...(form === 'qmp' ? line({ name: 'qmp_capabilities', args: plan.oob ? { enable: ['oob'] } : {} }) : []),
    ...plan.setUp.flatMap((command) => line(command)),
    ...plan.steps.flatMap((planned) => planned.actions.flatMap((action) => actionLines(planned, action))),
    ...[...plan.lifted, ...plan.ended.filter((each) => 'name' in each), ...plan.tornDown].flatMap((command) =>
      line(command),
    ),
  ];
  const before = [
    ...imageCommands(plan).map((command) => command.replaceAll(' \\\n ', '')),
    commandLineOf(plan, []).join(' '),
  ];
  return { lines, before, leftOut };

  function actionLines(planned: PlannedStep, action: Action): string[] {
    if (action.do === 'qmp') return line(action, action.oob ? 'exec-oob' : 'execute');
    // What the guest does, HMP does on the guest's node; the daemon has no HMP.
    if (action.do === 'guest' && plan.flavour === 'system') {
      const words = `qemu-io ${action.disk} "${request(action.op, action.wait)}"`;
      return line({ name: 'human-monitor-command', args: { 'command-line': words } });
    }
    if (action.do === 'restart') return action.setUp.flatMap((command) => line(command));
    leftOut.push(`step ${planned.index + 1}, ${renderStep(planned.step)}`);
    return [];
  }
}

/** The lines of JSON alone. */
export const qmpText = (plan: Plan): string => `${qmpExport(plan, 'qmp').lines.join('\n')}\n`;

function jsonLine({ name, args }: PlannedCommand, execute: string): string {
  return json({ [execute]: name, ...(Object.keys(args).length === 0 ? {} : { arguments: args as Json }) });
}
