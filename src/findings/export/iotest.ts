import { renderStep } from '../../sequence/render.ts';
import type { Awaited, Json } from '../../sequence/step.ts';
import type { GuestOp } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import { imageCommands } from '../repro/images.ts';
import type { Action, Command, Plan } from '../repro/plan.ts';
import { comment, json } from '../repro/shell.ts';
import { guestByte } from '../repro/step-guest.ts';
import { python } from './python.ts';

/**
 * The finding as a test for QEMU's tests/qemu-iotests/tests/. Its commands are waited for one by one, as iotests do; what
 * is not QMP stays a comment. It fails where QEMU dies, or does not answer.
 */
export function iotestText(finding: Finding, plan: Plan): string {
  const body = [
    ...imageCommands(plan.sequence).map((command) => `    run(${python(command.replaceAll(' \\\n ', ''))})`),
    '    with iotests.VM() as vm:',
    ...indented([
      ...plan.objects.map((object) => `vm.add_object(${python(object)})`),
      'vm.launch()',
      ...plan.setUp.map((command) => `assert 'return' in ${call(command)}`),
      ...plan.steps.flatMap(({ index, step, actions }) => [
        '',
        comment(`${index + 1}. ${renderStep(step)}`),
        ...actions.flatMap((action) => actionLines(action)),
      ]),
      '',
      comment(`Expected: ${finding.statement}`),
      'vm.shutdown()',
    ]),
  ];
  return `${header(finding)}\n${body.join('\n')}\n\n${footer}`;
}

function header(finding: Finding): string {
  return `#!/usr/bin/env python3
# group: rw
#
${comment(finding.title)}
#
${comment(`Expected: ${finding.statement} (${finding.source})`)}
${comment(`Seen: ${finding.violation.text}`)}
#
# SPDX-License-Identifier: GPL-2.0-or-later

import os
import subprocess
import tempfile
import time

import iotests


def run(command: str) -> None:
    """A command of qemu-img, qemu-io or the shell, with the programs under test."""
    programs = {'qemu-img': iotests.qemu_img_args[0], 'qemu-io': iotests.qemu_io_args[0]}
    word, rest = command.split(' ', 1)
    subprocess.run(f'{programs.get(word, word)} {rest}', shell=True, check=True,
                   stdout=subprocess.DEVNULL)


def test() -> None:`;
}

const footer = `
def main() -> None:
    with tempfile.TemporaryDirectory(dir=iotests.test_dir) as work:
        os.chdir(work)
        try:
            test()
        finally:
            os.chdir(iotests.test_dir)
    iotests.log('done')


if __name__ == '__main__':
    iotests.script_main(main, supported_fmts=['generic'], supported_protocols=['file'])
`;

const indented = (lines: readonly string[]): string[] =>
  lines.map((line) => (line === '' ? '' : `        ${line}`));

function call({ name, args }: Command): string {
  const given = Object.keys(args).length === 0 ? '' : `, ${python(args as Json)}`;
  return `vm.qmp(${python(name)}${given})`;
}

function actionLines(action: Action): string[] {
  switch (action.do) {
    case 'qmp':
      return [`iotests.log(${call(action)}, filters=[iotests.filter_qmp_testfiles])`];
    case 'guest':
      return [
        `run(${python(`qemu-io -f raw -c '${request(action.op)}' 'nbd+unix:///${action.disk}?socket=nbd.sock'`)})`,
      ];
    case 'signal':
      // A stopped QEMU answers nothing, and what is sent here is waited for.
      return [action.signal === 'KILL' ? 'vm.kill()' : `# SIG${action.signal}: see repro.sh`];
    case 'await':
      return awaitLines(action.step.await, action.job);
    case 'pause':
      return [`time.sleep(${action.ms / 1000})`];
    case 'raw':
      return ['# bytes on the monitor: see repro.sh'];
    default:
      return action satisfies never;
  }
}

function awaitLines(awaited: Awaited, job: string): string[] {
  const wait = (event: string, data: Json): string[] => [
    `vm.event_wait(${python(event)}, match=${python({ data })})`,
  ];
  if (typeof awaited === 'object')
    return 'event' in awaited
      ? wait(awaited.event, awaited.data ?? {})
      : [comment(`wait for ${json(awaited)}`)];
  switch (awaited) {
    case 'READY':
      return wait('BLOCK_JOB_READY', { device: job });
    case 'gone':
      return wait('JOB_STATUS_CHANGE', { id: job, status: 'null' });
    case 'reply':
    case 'guest':
      return ['# all that was sent is answered'];
    case 'exit':
      return ['vm.wait()'];
    case 'offset=len':
      return [
        "while any(job['offset'] != job['len'] for job in vm.qmp('query-block-jobs')['return']):",
        '    time.sleep(0.01)',
      ];
    default:
      return wait('JOB_STATUS_CHANGE', { id: job, status: awaited });
  }
}

function request(op: GuestOp): string {
  switch (op.op) {
    case 'write':
      return `write -P ${op.pattern ?? guestByte(op.generation)} ${op.offsetBytes} ${op.lengthBytes}`;
    case 'zero':
      return `write -z ${op.offsetBytes} ${op.lengthBytes}`;
    case 'flush':
      return 'flush';
    case 'read':
    case 'discard':
      return `${op.op} ${op.offsetBytes} ${op.lengthBytes}`;
    default:
      return op satisfies never;
  }
}
