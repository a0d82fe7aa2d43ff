import { asReference } from '../../sequence/reference.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { FaultStep, Json } from '../../sequence/step.ts';
import { encodeClientFlags, encodeGo, encodeRequest } from '../../target/guest/nbd-wire.ts';
import type { Observation, SentElsewhere, Trace } from '../../trace/observation.ts';
import { imageFile } from './images.ts';
import type { Action, Plan } from './plan.ts';
import { quote } from './shell.ts';
import { commandJson } from './step-qmp.ts';

/** What others do than the one client of QEMU's monitor and the one guest. */
export type PartyAction =
  | { do: 'stranger'; disk: string; does: Stranger['does'] }
  /** `refused`: QEMU's lock did so. */
  | { do: 'opener'; disk: string; shared: boolean; refused: boolean }
  | { do: 'monitor'; commands: SentElsewhere[] };

type Stranger = Extract<FaultStep, { fault: 'stranger' }>;
type Fault = Extract<Observation, { kind: 'fault' }>;

/** undefined where nobody came, or it is the fault of somebody else. */
export function partyAction({ fault, outcome, sent }: Fault): PartyAction | undefined {
  if (fault.fault === 'opener')
    return {
      do: 'opener',
      disk: fault.disk,
      shared: fault.shared === true,
      refused: outcome === 'refused',
    };
  if (outcome !== 'armed') return undefined;
  if (fault.fault === 'stranger') return { do: 'stranger', disk: fault.disk, does: fault.does };
  if (fault.fault !== 'monitor') return undefined;
  const asWritten = fault.commands.map(({ qmp, args = {}, oob = false }) => ({ name: qmp, args, oob }));
  return { do: 'monitor', commands: sent ?? asWritten };
}

/** Why these parties are beyond a reproducer; undefined where they are not. */
export function partyRefusal({ steps }: Sequence, trace: Trace): string | undefined {
  const there = trace.filter((seen) => seen.kind === 'fault' && seen.fault.fault === 'monitor');
  if (there.some(isUnresolved)) return 'its trace does not say what another monitor was sent';
  return there.length > 0 && steps.some((step) => 'fault' in step && step.fault === 'restart')
    ? 'its steps need another monitor of a QEMU that is started again'
    : undefined;
}

export function partyLines(action: PartyAction, plan: Plan): string[] {
  switch (action.do) {
    case 'stranger':
      return strangerLines(action);
    case 'opener': {
      const disk = plan.sequence.arena.disks.find(({ name }) => name === action.disk);
      if (!disk) return [];
      const line = `qemu-img info ${action.shared ? '-U ' : ''}-f ${disk.format} ${imageFile(disk)} >opened 2>&1`;
      return [action.refused ? `${line} # was refused: QEMU has it locked` : line];
    }
    case 'monitor':
      return action.commands.map(
        (command) => `second ${quote(commandJson(command, command.oob ? 'exec-oob' : 'execute'))}`,
      );
  }
}

/** Once the steps are over: clients that say nothing leave, and the other monitor's commands have to be answered. */
export function partiesLeave(plan: Plan): string[] {
  const sent = actionsOf(plan).flatMap((action) => (action.do === 'monitor' ? action.commands : []));
  return [
    ...(hasStrangers(plan) ? [`for fd in "\${strangers[@]}"; do exec {fd}>&-; done`] : []),
    ...(sent.length > 0 ? [`second_answered ${sent.length + 1}`] : []),
  ];
}

/** QEMU's other monitor: two pipes, which this shell holds open. */
export const secondMonitor = (plan: Plan): { before: string[]; options: string[]; after: string[] } =>
  actionsOf(plan).some((action) => action.do === 'monitor')
    ? {
        before: ['mkfifo second.in second.out; exec 5<>second.in 6<>second.out'],
        options: [
          '-chardev pipe,id=second,path=second',
          plan.flavour === 'system' ? '-mon chardev=second,mode=control' : '--monitor chardev=second',
        ],
        after: [`second '{"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}}'`],
      }
    : { before: [], options: [], after: [] };

/** bash has clients of TCP only: where strangers come, QEMU's NBD server listens there instead. */
export function overTcp(plan: Plan, lines: readonly string[]): string[] {
  if (!hasStrangers(plan)) return [...lines];
  const unix = '{"type": "unix", "data": {"path": "nbd.sock"}}';
  const tcp = `{"type": "inet", "data": {"host": "127.0.0.1", "port": "'$port'"}}`;
  return lines.map((line) =>
    line
      .replaceAll(unix, tcp)
      .replaceAll(/nbd\+unix:\/\/\/([^?]+)\?socket=nbd\.sock/g, 'nbd://127.0.0.1:$port/$1')
      .replaceAll(/'(nbd:[^']*)'/g, '"$1"'),
  );
}

export const portLines = (plan: Plan): string[] =>
  hasStrangers(plan) ? ['port=$((20000 + RANDOM)) strangers=() # of the NBD server; its silent clients'] : [];

const hasStrangers = (plan: Plan): boolean => actionsOf(plan).some((action) => action.do === 'stranger');

export const actionsOf = ({ steps }: Plan): Action[] => steps.flatMap(({ actions }) => actions);

function strangerLines(action: StrangerAction): string[] {
  const { first, last } = strangerBytes(action);
  if (last.length === 0) return [first.length === 0 ? 'stranger' : `stranger ${bytes(first)}`];
  return [
    `stranger ${bytes(first)}; sleep 0.01`,
    `printf ${bytes(last)} >&$fd; head -c 1000 /dev/zero >&$fd; exec {fd}>&- # in the middle of a write`,
  ];
}

/** What a client says at once, and what just before it hangs up, where it does: the same as execute/faults/strangers.ts. */
export function strangerBytes({ disk, does }: StrangerAction): { first: Buffer; last: Buffer } {
  const hello = encodeClientFlags({ knowsNoZeroes: true });
  const go = encodeGo(disk);
  switch (does) {
    case 'silent':
      return { first: nothing, last: nothing };
    case 'half':
      return { first: Buffer.concat([hello, go.subarray(0, halfBytes)]), last: nothing };
    case 'vanish': {
      const read = encodeRequest({ command: 'read', cookie: 1n, offsetBytes: 0, lengthBytes: 512 });
      const write = encodeRequest({ command: 'write', cookie: 2n, offsetBytes: 0, lengthBytes: 4096 });
      return { first: Buffer.concat([hello, go]), last: Buffer.concat([read, write]) };
    }
  }
}

const nothing = Buffer.alloc(0);

type StrangerAction = Extract<PartyAction, { do: 'stranger' }>;

/** Of the request for an export: its header, and the length of a name that does not come. */
const halfBytes = 21;

/** For bash's printf, which takes two digits after `\\x`, whatever follows. */
const bytes = (all: Buffer): string =>
  `'${[...all].map((byte) => (isLetter(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')}'`;

const isLetter = (byte: number): boolean => /[A-Za-z]/.test(String.fromCharCode(byte));

/** Recorded when only the step's own words were: where these refer to jobs and nodes, nobody knows to which. */
const isUnresolved = (seen: Observation): boolean =>
  seen.kind === 'fault' &&
  seen.fault.fault === 'monitor' &&
  seen.sent === undefined &&
  seen.fault.commands.some(({ args = {} }) => hasReference(args));

function hasReference(value: Json): boolean {
  if (asReference(value)) return true;
  return value !== null && typeof value === 'object' && Object.values(value).some(hasReference);
}

/** Bash functions of reproducers (helpers.ts). */
export const partyHelpers = {
  stranger: `\
stranger() { # stranger [BYTES]: a client of the NBD server that says so much, and stays
  exec {fd}<>"/dev/tcp/127.0.0.1/$port" && strangers+=($fd) && printf "\${1-}" >&$fd
}`,
  second: `second() { printf '%s\\n' "\${1%\\}}, \\"id\\": \\"#second\\"}" >&5; } # sends a command to QEMU's second monitor`,
  second_answered: `\
second_answered() { # whether it has answered so many commands
  local i line
  for ((i = 0; i < $1; )); do
    IFS= read -r -t \${PATIENCE:-10} -u 6 line || { ! lives || UNANSWERED 'no reply on the second monitor'; return; }
    [[ $line != *'"id"'* ]] || ((i += 1))
  done
}`,
};
