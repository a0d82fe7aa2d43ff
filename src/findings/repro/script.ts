import { renderClaim } from '../../sequence/render.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import { imageCommands } from './images.ts';
import { caseOf } from './in-current-qmp.ts';
import { monitor } from './monitor.ts';
import type { Plan } from './plan.ts';
import { servedDisks, serverLines } from './servers.ts';
import { settling } from './settling.ts';
import { comment, json, quote } from './shell.ts';
import { destinationLines, programName, startLines } from './start.ts';
import { guestSide } from './step-guest.ts';
import { anyLine, mustLine } from './step-qmp.ts';
import { conditionFunctions, stepLines } from './steps.ts';
import type { ScriptVerdict } from './verdict.ts';
import { verdictFor } from './verdicts.ts';

/** repro.sh: the finding's sequence for bash, coreutils and QEMU's own programs. */
export function reproScript(finding: Finding, trace: Trace): string {
  const shown = caseOf(finding, trace);
  const { plan } = shown;
  if (plan.refusal !== undefined) return refusal(finding, plan);
  const verdict = verdictFor(shown);
  const sections = [
    header(finding, plan),
    programs(plan, verdict),
    functions(plan, verdict),
    ['# The images.', ...imageCommands(plan).map(orCannot)],
    serverLines(plan.sequence),
    destinationLines(plan),
    ['# QEMU, and what stands in it before the first step.', ...startLines(plan)],
    [
      ...(finding.rule === 'leak/descriptors' ? ['descriptors=$(ls /proc/"$pid"/fd | wc -l)'] : []),
      ...setUp(plan),
    ],
    stepLines(plan, verdict.before ?? none, verdict.after ?? none).slice(1),
    verdict.settles ? end(plan, verdict) : [],
    verdict.ending,
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${text.join('\n\n')}\n`;
}

const none = (): string[] => [];

function refusal(finding: Finding, plan: Plan): string {
  const why = `${plan.refusal}, which this script can't set up; run: mirrorfuzz replay ${finding.id}`;
  return `${[...header(finding, plan), '', `echo ${quote(`could not tell: ${why}`)} >&2`, 'exit 2'].join('\n')}\n`;
}

function header(finding: Finding, { sequence }: Plan): string[] {
  return [
    '#!/usr/bin/env bash',
    comment(finding.title),
    '#',
    comment(`Expected: ${finding.statement}`),
    comment(`          (${finding.source})`),
    comment(`Seen:     ${finding.violation.text}`),
    ...(sequence.after ?? []).map((claim) => comment(`Claimed:  ${renderClaim(claim)}`)),
    ...(sequence.dialect === undefined
      ? []
      : ['#', comment(`Steps are told in the words of ${sequence.dialect}, and done in those of today.`)]),
    '#',
    '# ./repro.sh [QEMU_BIN_DIR] exits 1 when the defect shows, 0 when it does not, 2 when it could not run.',
  ];
}

function programs(plan: Plan, verdict: ScriptVerdict): string[] {
  const needed = [programName(plan), 'qemu-img', ...(usesQemuIo(plan, verdict) ? ['qemu-io'] : [])];
  if (servedDisks(plan.sequence).length > 0) needed.push('qemu-nbd');
  const served = plan.sequence.arena.disks.some(({ servedBy }) => servedBy === 'destination');
  if (served && plan.flavour === 'system') needed.push('qemu-storage-daemon');
  return [
    'set -u',
    `patience=\${PATIENCE:-10} # seconds for an answer; an idle QEMU takes a millisecond`,
    'cannot() { echo "could not tell: $*" >&2; exit 2; }',
    'shows() { echo "the defect shows: $*"; exit 1; }',
    'absent() { echo "the defect does not show"; exit 0; }',
    '',
    'if [ $# -gt 0 ]; then',
    `  [ -x "$1/${programName(plan)}" ] || cannot "there is no ${programName(plan)} in $1"`,
    '  PATH=$(cd "$1" && pwd):$PATH',
    'fi',
    `for program in ${needed.join(' ')}; do`,
    '  command -v $program >/dev/null || cannot "there is no $program on PATH"',
    'done',
    'dir=$(mktemp -d) && cd "$dir" || cannot "no temporary directory"',
    `trap 'exec 2>/dev/null; kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT`,
    `trap 'exit 2' INT TERM HUP`,
    `trap '' PIPE`,
    'ulimit -c 0',
  ];
}

const usesQemuIo = (plan: Plan, { ending }: ScriptVerdict): boolean =>
  plan.guestDisks.length > 0 || [...imageCommands(plan), ...ending].some((line) => line.includes('qemu-io '));

function functions(plan: Plan, verdict: ScriptVerdict): string[] {
  return [
    monitor,
    ...conditionFunctions(plan, [
      ...(verdict.conditions ?? []),
      ...(awaitsExports(plan, verdict) ? (['heard'] as const) : []),
    ]),
    `unanswered() { ${verdict.unanswered}; }`,
    ...(plan.guestDisks.length > 0
      ? [guestSide, `stuck() { ${verdict.stuck ?? 'cannot "the guest\'s request does not end: $2 on $1"'}; }`]
      : []),
    ...(verdict.settles ? [settling] : []),
  ];
}

function setUp(plan: Plan): string[] {
  return [
    ...plan.setUp.map((command) => mustLine(command, 'set-up')),
    ...plan.guestDisks.map((disk) => `connect ${quote(disk)}`),
  ];
}

/** Faults are lifted, the jobs ended, the arena taken apart: nothing hinders a correct QEMU any more. */
function end(plan: Plan, { settle = 'settle' }: ScriptVerdict): string[] {
  return [
    '# The end: faults are lifted, jobs cancelled by force, and what was made is removed.',
    ...servedDisks(plan.sequence).map(({ name }) => `well ${name}`),
    ...plan.lifted.map((command) => anyLine(command, 'lift')),
    settle,
    ...plan.guestDisks.map((disk) => `guest_send ${quote(disk)} quit`),
    ...plan.tornDown.flatMap((command) => [
      anyLine(command, 'remove'),
      ...(isExportDel(command)
        ? [`await 5000 heard '"BLOCK_EXPORT_DELETED"' ${quote(`"id": ${json(command.args.id ?? null)}`)}`]
        : []),
    ]),
  ];
}

const isExportDel = ({ name }: { name: string }): boolean => name === 'block-export-del';

const awaitsExports = (plan: Plan, { settles }: ScriptVerdict): boolean =>
  settles && plan.tornDown.some(isExportDel);

const orCannot = (command: string): string => `${command} || cannot "no image"`;
