import { bootHelpers } from './booted-guest.ts';
import { guestHelpers } from './guest-helpers.ts';
import { jobHelpers } from './job-helpers.ts';
import { keyHelpers } from './opened-image.ts';
import { partyHelpers } from './parties.ts';

/**
 * Functions of bash that reproducers call: each script has those that it needs, and no others. They need nothing but bash
 * and coreutils. `$pid` is QEMU, `log` what its monitor has said, descriptor 3 leads to the monitor.
 *
 * Where nothing but messages is waited for, they are read from descriptor 4 as they come.
 */
const reading = {
  send: `send() { printf '%s\\n' "\${1%\\}}, \\"id\\": \\"#\${2-}\\"}" >&3; }`,
  qmp: `\
qmp() { # sends a command and waits for its reply
  printf '%s\\n' "\${1%\\}}, \\"id\\": \\"#\${2-}\\"}" >&3
  while IFS= read -r -t \${PATIENCE:-10} reply <&4 || { [ $? -le 128 ] && sleep 0.1 && return 1; UNANSWERED "no reply: $1"; }; do
    echo "$reply" >>log
    [[ $reply != *"\\"id\\": \\"#\${2-}\\""* ]] || return 0
  done
}`,
  await: `\
await() { # await SECONDS TEXT: reads on until a message has it
  until [[ $(<log) == *"$2"* ]]; do IFS= read -r -t $1 reply <&4 || return; echo "$reply" >>log; done
}`,
  replied: `replied() { for each; do await 10 "\\"id\\": \\"#$each\\""; done; }`,
  ended: `ended() { timeout $1 cat <&4 >>log; } # whether QEMU ends in so many seconds`,
};

/** Else QEMU writes its messages to `log`, where they are looked for again and again. */
const polling = {
  send: `send() { id=\${2-$((n += 1))}; printf '%s\\n' "\${1%\\}}, \\"id\\": \\"#$id\\"}" >&3; }`,
  heard: `\
heard() { # whether one message holds all these texts; the last one that does is then in $message
  local line text found=1
  while IFS= read -r line; do
    for text; do [[ $line == *"$text"* ]] || continue 2; done
    message=$line found=0
  done <log
  return $found
}`,
  await_that: `\
await_that() { # await_that MS CONDITION...: until it holds, or QEMU is gone, at most so long
  local i
  for ((i = 0; i <= $1; i += 5)); do
    "\${@:2}" && return
    lives || { "\${@:2}"; return; }
    sleep 0.003
  done
  return 1
}`,
  await: `await() { await_that \${1}000 heard "$2"; }`,
  qmp: `\
qmp() { # sends a command and waits for its reply
  send "$@"
  await \${PATIENCE:-10} "\\"id\\": \\"#$id\\"" && reply=$message && return
  reply=''
  ! lives || UNANSWERED "no reply: $1"
}`,
  replied: `\
replied() { # whether these commands are answered; the last answer is then in $reply
  local each
  for each; do await 10 "\\"id\\": \\"#$each\\"" || return; done
  reply=$message
}`,
  ended: `ended() { await_that \${1}000 false; ! lives; } # whether QEMU ends in so many seconds`,
  ...jobHelpers,
};

const both = {
  lives: 'lives() { kill -0 $pid; }',
  must: `must() { qmp "$@"; [[ $reply == *'"return"'* ]] || cannot "$1: \${reply:-$(<stderr)}"; }`,
  must_hmp: `must_hmp() { must "$1"; [[ $reply == *'"OK'* ]] || cannot "$1: $reply"; }`,
  guest_once: `\
guest_once() { # guest_once DISK OPTION...: qemu-io, as a client of the disk's export
  answer=$(timeout \${PATIENCE:-10} qemu-io -f raw "\${@:2}" "nbd+unix:///$1?socket=nbd.sock" 2>&1)
  [ $? -ne 124 ] || ! lives || STUCK "the guest's request does not end: $*"
}`,
  ...guestHelpers,
  ...bootHelpers,
  ...partyHelpers,
  ...keyHelpers,
  entry_of: `\
entry_of() { # puts into $entry what the reply shows of the job
  while IFS= read -r -d '}' entry; do
    entry+=,
    [[ $entry == *"\\"device\\": \\"$1\\""* || $entry == *"\\"id\\": \\"$1\\""* ]] && return 0
  done <<<"$reply"
  return 1
}`,
};

/** How a script hears its QEMU, and the helpers that it has. */
export type Toolbox = { hears: 'reading' | 'polling'; helpers: string[] };

/** What the words in capitals stand for: `shows` or `cannot`. */
export type Outcomes = Record<'UNANSWERED' | 'STUCK', 'shows' | 'cannot'>;

/**
 * The helpers that these lines call, and those that the helpers call, in the order of the tables. `mayRead`: false where
 * QEMU is started more than once.
 */
export function toolboxFor(lines: readonly string[], outcomes: Outcomes, mayRead: boolean): Toolbox {
  const isRead =
    mayRead && callsIn(lines, { ...polling, ...both }).every((name) => name in reading || name in both);
  const table: Record<string, string> = { ...both, ...(isRead ? reading : polling) };
  const names = new Set(callsIn(lines, table));
  // A Set goes on to what is added to it meanwhile.
  for (const name of names) for (const called of callsIn([bodyOf(name, table)], table)) names.add(called);
  const helpers = Object.keys(table)
    .filter((name) => names.has(name))
    .map((name) => (table[name] as string).replaceAll(capitals, (word) => outcomes[word as keyof Outcomes]));
  return { hears: isRead ? 'reading' : 'polling', helpers };
}

const capitals = /\b(UNANSWERED|STUCK)\b/g;

const bodyOf = (name: string, table: Record<string, string>): string =>
  (table[name] as string).slice(name.length);

function callsIn(lines: readonly string[], table: Record<string, string>): string[] {
  const code = lines.map((line) => line.replaceAll(/^\s*#.*$/gm, '')).join('\n');
  return Object.keys(table).filter((name) => callOf(name).test(code));
}

/** Where bash looks for a command, or as the condition of an await. */
const callOf = (name: string): RegExp =>
  new RegExp(
    String.raw`(?:^\s*|[;&|({!]\s*|\b(?:until|if|then|do|else)\s+|\bawait_that \S+ )${name}(?![\w-])`,
    'm',
  );
