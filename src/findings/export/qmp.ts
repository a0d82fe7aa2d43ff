import { renderStep } from '../../sequence/render.ts';
import type { Json } from '../../sequence/step.ts';
import { imageCommands, imageFile } from '../repro/images.ts';
import type { Action, Plan, PlannedCommand } from '../repro/plan.ts';
import { servedDisks } from '../repro/servers.ts';
import { comment, json, quote } from '../repro/shell.ts';
import { commandLineOf } from '../repro/start.ts';

/** The QMP commands, one a line, to be pasted into a monitor; what is not QMP, and each wait, is a comment. */
export function qmpText(plan: Plan): string {
  const lines = [
    ...imageCommands(plan).map((command) => comment(`$ ${command.replaceAll(' \\\n ', '')}`)),
    ...servedDisks(plan.sequence).map((disk) =>
      comment(
        `$ qemu-nbd -t -e 8 -f raw -x disk -k "$PWD"/${quote(`${disk.name}-server.sock`)} ${imageFile(disk)}`,
      ),
    ),
    comment(`$ ${commandLineOf(plan).join(' ')}`),
    line({ name: 'qmp_capabilities', args: plan.oob ? { enable: ['oob'] } : {} }),
    ...plan.setUp.map((command) => line(command)),
    ...plan.guestDisks.map((disk) =>
      comment(`a guest connects: qemu-io -f raw ${quote(`nbd+unix:///${disk}?socket=nbd.sock`)}`),
    ),
    ...plan.steps.flatMap(({ index, step, actions }) => [
      comment(`${index + 1}. ${renderStep(step)}`),
      ...actions.flatMap(actionLines),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function actionLines(action: Action): string[] {
  switch (action.do) {
    case 'qmp':
      return [
        line(action, action.oob ? 'exec-oob' : 'execute'),
        ...(action.untilGone === undefined ? [] : [comment(`until job ${action.untilGone} is gone`)]),
      ];
    case 'server':
      return [comment(`the server of ${action.disk} is ${action.is}`)];
    case 'signal':
      return [`# $ kill -${action.signal} PID`];
    case 'restart':
      return ['# the same program is started again', ...action.setUp.map((command) => line(command))];
    // The step's own words say all there is to say.
    case 'raw':
    case 'guest':
    case 'await':
    case 'pause':
      return [];
    default:
      return action satisfies never;
  }
}

function line({ name, args }: PlannedCommand, execute = 'execute'): string {
  return json({ [execute]: name, ...(Object.keys(args).length === 0 ? {} : { arguments: args as Json }) });
}
