import { noSuchCommand } from '../../qemu/no-such-command.ts';
import { bootSectorLines } from './booted-guest.ts';
import { destinationLines } from './destination.ts';
import { type Outcomes, toolboxFor } from './helpers.ts';
import { imageCommands } from './images.ts';
import { overTcp, partiesLeave, portLines } from './parties.ts';
import type { Ended, Plan } from './plan.ts';
import { servedDisks, serverLines } from './servers.ts';
import { comment, json, quote } from './shell.ts';
import { programName, startLines } from './start.ts';
import { staysConnected } from './step-guest.ts';
import { anyLine, awaitStatus, isJobId } from './step-qmp.ts';
import { stepLines } from './steps.ts';
import type { Case, ScriptVerdict } from './verdict.ts';
import { unwindLines } from './verdict-reported.ts';
import { verdictFor } from './verdicts.ts';

/**
 * The whole of it for bash, coreutils and QEMU's own programs: images, QEMU, what was done to it, and what shows the
 * defect. It works in a directory of its own, and ends the shell that it runs in.
 */
export function blockLines(shown: Case): string[] {
  const { plan } = shown;
  const verdict = verdictFor(shown);
  const images = imageCommands(plan).map((command) => `${made(command)} || cannot "no image: $(<errors)"`);
  const servers = [...serverLines(plan.sequence), ...destinationLines(plan)];
  const rest = [
    ...(shown.finding.rule === 'leak/descriptors' ? ['descriptors=$(ls /proc/$pid/fd | wc -l)'] : []),
    ...stepLines(plan, verdict),
    ...endLines(plan, verdict),
    ...verdict.ending,
  ];
  const once = !plan.steps.some(({ actions }) => actions.some((action) => action.do === 'restart'));
  const { hears, helpers } = toolboxFor([...startLines(plan, 'polling'), ...rest], outcomes(verdict), once);
  const main = [
    ...bootSectorLines(plan),
    ...images,
    ...servers,
    ...portLines(plan),
    ...unwindLines(shown),
    ...startLines(plan, hears),
    ...rest,
  ];
  return overTcp(plan, [
    'cannot() { echo "could not tell: $*" >&9; exit 2; }',
    ...lastLines(shown),
    ...directory(programsIn(plan, main)),
    ...helpers,
    '',
    ...main,
  ]);
}

/**
 * qemu-img times how fast it derives a key, and where the kernel tells its time badly it makes no image: "Unable to get
 * accurate CPU usage", in 6 of 40 tries on a virtual machine.
 */
const made = (command: string): string =>
  command.includes('iter-time=') ? `for try in {1..9}; do ${command} && break; done` : command;

/** A QEMU that does not know a command, an argument or a driver shows nothing, either way. */
function lastLines({ finding, plan, trace }: Case): string[] {
  const said = JSON.stringify(trace.filter(({ kind }) => kind === 'reply'));
  const isAsked = JSON.stringify(plan.sequence.steps).includes(`"${noSuchCommand}"`);
  const unknown = lacking.filter(
    (words) => !said.includes(words) && !(isAsked && words === '"CommandNotFound"'),
  );
  return [
    `known() { while IFS= read -r line; do [[ $line != *@(${unknown.map(quote).join('|')})* ]] || cannot "this QEMU lacks what it takes: $line"; done <log; }`,
    `shows() { known; printf '%s\\n' ${quote(`expected: ${finding.statement}`)} "the defect shows: $*"; exit 1; }`,
    'absent() { known; echo "the defect does not show"; exit 0; }',
  ];
}

/** As QEMU 5.2 to 11.1 say it, in qmp-dispatch.c and in the visitors of QAPI. */
const lacking = [
  '"CommandNotFound"',
  ' is unexpected"',
  ' does not accept value ',
  "Invalid parameter '",
  'Unknown driver ',
];

function directory(programs: readonly string[]): string[] {
  return [
    'dir=$(mktemp -d) && cd "$dir" || exit 2',
    `trap 'kill -KILL $(jobs -p); wait; cd /; rm -rf "$dir"' EXIT`,
    `exec 9>&2 2>errors; trap '' PIPE; ulimit -c 0 # bash reports there how QEMU ends, too`,
    ...(programs.length === 0 ? [] : [`type ${programs.join(' ')} >/dev/null || cannot "$(<errors)"`]),
  ];
}

/** Of QEMU, those that these lines call; QEMU itself and qemu-img are missed where they do not start. */
function programsIn(plan: Plan, lines: readonly string[]): string[] {
  const text = lines.join('\n');
  const others = ['qemu-io', 'qemu-nbd', 'qemu-storage-daemon'].filter((name) =>
    new RegExp(`(^|[(;|] ?|timeout \\S+ )${name} `, 'm').test(text),
  );
  const guests = plan.guestDisks.length > 0 ? ['qemu-io'] : [];
  return [...new Set([...others.filter((name) => name !== programName(plan)), ...guests])];
}

const outcomes = ({ endless = {} }: ScriptVerdict): Outcomes => ({
  UNANSWERED: endless.command ?? 'cannot',
  STUCK: endless.guest ?? 'cannot',
});

/** Faults are lifted, the jobs ended, the arena taken apart: nothing hinders a correct QEMU any more. */
function endLines(plan: Plan, { ends, endless }: ScriptVerdict): string[] {
  if (ends === 'steps') return [];
  const lines = [
    ...partiesLeave(plan),
    ...servedDisks(plan.sequence).map(({ name }) => `well ${name}`),
    ...plan.lifted.map(anyLine),
    ...plan.ended.flatMap((each) => endedLines(each, endless?.job)),
    ...(staysConnected(plan) ? plan.guestDisks.map((disk) => `guest ${quote(disk)} aio_flush`) : []),
    ...(ends === 'arena' ? tornDown(plan) : []),
  ];
  return lines.length === 0 ? [] : [comment(endWords(plan, ends)), ...lines];
}

function endedLines(ended: Ended, endless: 'shows' | undefined): string[] {
  if (!('job' in ended)) return [anyLine(ended)];
  const { job, reaches } = ended;
  if (!isJobId(job)) return [];
  const shows = endless && reaches === 'null';
  return [
    `${awaitStatus(job, reaches)}${shows ? ` || ! lives || shows "job ${job} is cancelled by force, but does not end"` : ''}`,
  ];
}

function tornDown(plan: Plan): string[] {
  return [
    ...(staysConnected(plan) ? plan.guestDisks.map((disk) => `guest_send ${quote(disk)} quit`) : []),
    ...plan.tornDown.flatMap((command) => [
      anyLine(command),
      ...(command.name === 'block-export-del'
        ? [`await 5 ${quote(`"BLOCK_EXPORT_DELETED", "data": {"id": ${json(command.args.id ?? null)}}`)}`]
        : []),
    ]),
  ];
}

const endWords = (plan: Plan, ends: ScriptVerdict['ends']): string =>
  [
    ...(partiesLeave(plan).length > 0 ? ['the others are done'] : []),
    ...(plan.lifted.length > 0 ? ['faults are lifted'] : []),
    ...(plan.ended.length > 0 ? ['the jobs are ended'] : []),
    ...(ends === 'arena' ? ['what was made is removed'] : []),
  ]
    .join(', ')
    .replace(/^./, (letter) => letter.toUpperCase());
