import { hardwareOf, wantsGuest } from '../../sequence/machine.ts';
import { renderStep } from '../../sequence/render.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Awaited, Json } from '../../sequence/step.ts';
import { ideSlot } from '../../target/process/command-line.ts';
import { imageCommands } from '../repro/images.ts';
import type { Action, Plan, PlannedStep } from '../repro/plan.ts';
import { servedDisks } from '../repro/servers.ts';
import { comment, json, quote } from '../repro/shell.ts';
import { request, staysConnected } from '../repro/step-guest.ts';
import type { Case } from '../repro/verdict.ts';
import { partiesLeave, partiesThere, partyLines, usesSockets } from './iotest-parties.ts';
import { type IotestVerdict, iotestVerdict } from './iotest-verdict.ts';
import { call, python } from './python.ts';

/**
 * The finding as a test for QEMU's tests/qemu-iotests/tests/; the `.out` file beside it has one line, `done`. Its
 * commands are waited for one by one, as iotests do; what an iotest can't do, it says, and is not run.
 */
export function iotestText(shown: Case): string {
  const { plan } = shown;
  const verdict = iotestVerdict(shown);
  const missing = verdict === undefined ? 'only a model can tell what is wrong' : notPossible(plan);
  const body = [
    ...(missing === undefined ? [] : [`    iotests.notrun(${python(`${missing}: see repro.sh`)})`]),
    ...imageCommands(plan).map((command) => `    run(${python(command.replaceAll(' \\\n ', ''))})`),
    '    with iotests.VM() as vm:',
    ...indented(inVm(plan, verdict)),
    ...(verdict?.after ?? []).map((line) => `    ${line}`),
  ];
  return `${header(shown, verdict)}\n${body.join('\n')}\n\n${footer}`;
}

/** What was done can't be done by iotests.VM; undefined where it can. */
function notPossible({ refusal, steps, sequence }: Plan): string | undefined {
  if (refusal !== undefined) return refusal;
  if (wantsGuest(sequence)) return 'a guest that boots';
  const [served] = servedDisks(sequence);
  if (sequence.arena.incoming !== undefined) return 'a second QEMU that takes the machine';
  if (served) return `a server for ${served.name}`;
  for (const { actions } of steps) {
    for (const action of actions) {
      if (action.do === 'raw') return 'bytes on the monitor';
      if (action.do === 'signal') return `SIG${action.signal} for QEMU`;
      if (action.do === 'restart') return 'a QEMU that is started again';
      if (action.do === 'qmp' && action.oob) return 'a command out of band';
    }
  }
  return undefined;
}

function inVm(plan: Plan, verdict: IotestVerdict | undefined): string[] {
  return [
    ...plan.objects.map((object) => `vm.add_object(${python(object)})`),
    ...machine(plan.sequence),
    ...partiesThere(plan).before,
    'vm.launch()',
    ...partiesThere(plan).after,
    ...plan.setUp.map((command) => `assert 'return' in ${call(command)}`),
    ...(guests(plan).length > 0 ? ['guests = {}'] : []),
    ...guests(plan).map(
      (disk) => `guests[${python(disk)}] = iotests.QemuIoInteractive('-f', 'raw', ${python(urlOf(disk))})`,
    ),
    ...plan.steps.flatMap((step) => [
      ...stepLines(plan, step, verdict?.reply?.(step)),
      ...(verdict?.afterStep?.(step) ?? []),
    ]),
    '',
    ...(verdict?.settles ? [...partiesLeave(plan), ...ending(plan)] : []),
    ...(verdict?.inVm ?? []),
    ...guests(plan).map((disk) => `guests[${python(disk)}].close()`),
    'vm.shutdown()',
    ...(verdict?.ended ?? []),
  ];
}

/** iotests' own machine is a pc that runs nothing; an IDE disk has to be there from the start. */
function machine(sequence: Sequence): string[] {
  const slot = ideSlot(hardwareOf(sequence).ideBytes);
  return slot.length === 0 ? [] : [`vm.add_args(${slot.map(python).join(', ')})`];
}

function stepLines(plan: Plan, planned: PlannedStep, assertion: string | undefined): string[] {
  const { index, step, actions } = planned;
  const lines = actions.flatMap((action) => actionLines(action, plan));
  const own = lines.findLastIndex((line) => line.startsWith('vm.qmp('));
  const judged =
    assertion === undefined || own === -1
      ? lines
      : [...lines.slice(0, own), `reply = ${lines[own]}`, assertion, ...lines.slice(own + 1)];
  return ['', comment(`${index + 1}. ${renderStep(step)}`), ...judged];
}

/** Nothing hinders a correct QEMU any more: faults are lifted, jobs ended, and what was made is removed. */
function ending({ lifted, ended, tornDown }: Plan): string[] {
  const jobs = ended.flatMap((each) =>
    'job' in each ? awaitLines(each.reaches === 'null' ? 'gone' : each.reaches, each.job) : [call(each)],
  );
  return [...lifted.map(call), ...jobs, ...tornDown.map(call)];
}

function header({ finding, plan }: Case, verdict: IotestVerdict | undefined): string {
  return `#!/usr/bin/env python3
# group: rw
#
${comment(finding.title)}
#
${comment(`Expected: ${finding.statement} (${finding.source})`)}
${comment(`Seen: ${finding.violation.text}`)}
#
# The reference output, in the .out file of the same name, is one line: done
#
# SPDX-License-Identifier: GPL-2.0-or-later

import os
${usesSockets(plan) ? 'import socket\n' : ''}import subprocess
import tempfile
import time

import iotests


def run(command: str) -> str:
    """A command of qemu-img, qemu-io or the shell, with the programs under test."""
    programs = {'qemu-img': iotests.qemu_img_args[0], 'qemu-io': iotests.qemu_io_args[0]}
    word, rest = command.split(' ', 1)
    done = subprocess.run(f'{programs.get(word, word)} {rest}', shell=True, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 or 'Pattern verification failed' in done.stdout, done.stdout
    return done.stdout

${verdict?.inVm?.some((line) => line.startsWith('resumes(')) ? resumes : ''}
def test() -> None:`;
}

const resumes = `
def resumes(vm: iotests.VM, job: str) -> None:
    """A job that stands has to go on when it is resumed: its status changes within 5 s."""
    def status() -> str:
        return next((each['status'] for each in vm.qmp('query-jobs')['return'] if each['id'] == job), 'null')

    stands = status()
    if stands not in ('paused', 'standby'):
        return
    vm.qmp('job-resume', {'id': job})
    for _ in range(50):
        if status() != stands:
            return
        time.sleep(0.1)
    assert False, f'the job was resumed, and is still {stands}'

`;

const footer = `
def main() -> None:
    with tempfile.TemporaryDirectory(dir=iotests.test_dir) as work:
        os.chdir(work)
        try:
            with iotests.Timeout(120, 'QEMU hangs'):
                test()
        finally:
            os.chdir(iotests.test_dir)
    iotests.log('done')


if __name__ == '__main__':
    iotests.script_main(main, supported_fmts=['generic'], supported_protocols=['file'])
`;

const indented = (lines: readonly string[]): string[] =>
  lines.map((line) => (line === '' ? '' : `        ${line}`));

function actionLines(action: Action, plan: Plan): string[] {
  switch (action.do) {
    case 'qmp':
      return [call(action), ...(action.untilGone === undefined ? [] : awaitLines('gone', action.untilGone))];
    case 'guest':
      return guests(plan).length > 0
        ? [`guests[${python(action.disk)}].cmd(${python(request(action.op, action.wait))})`]
        : [
            `run(${python(`qemu-io -f raw -c ${quote(request(action.op, action.wait))} ${quote(urlOf(action.disk))}`)})`,
          ];
    case 'await':
      if (action.step.await === 'guest')
        return guests(plan).map((disk) => `guests[${python(disk)}].cmd('aio_flush')`);
      return awaitLines(action.step.await, action.job);
    case 'pause':
      return [`time.sleep(${action.ms / 1000})`];
    case 'stranger':
    case 'opener':
    case 'monitor':
      return partyLines(action, plan);
    case 'raw':
    case 'signal':
    case 'server':
    case 'restart':
      return []; // not run: the step's own words say what is missing
    default:
      return action satisfies never;
  }
}

function awaitLines(awaited: Awaited, job: string): string[] {
  const wait = (event: string, data: Json): string[] => [
    `vm.event_wait(${python(event)}, timeout=20, match=${python({ data })})`,
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

/** Guests that stay connected, since requests in flight together have to stay so. */
const guests = (plan: Plan): string[] => (staysConnected(plan) ? plan.guestDisks : []);

const urlOf = (disk: string): string => `nbd+unix:///${disk}?socket=nbd.sock`;
