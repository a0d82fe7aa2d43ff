import { limits } from '../../sequence/limits.ts';
import { devicesOf, firstDrive, wantsGuest } from '../../sequence/machine.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { bootSector } from '../../trace/boot-sector.ts';
import { sectorBytes } from '../../trace/content-bytes.ts';
import type { GuestOp } from '../../trace/observation.ts';
import { guestByte } from './guest-byte.ts';
import type { Action, Plan } from './plan.ts';

/*
 * A guest that boots (guest/boot-sector.asm): the script writes its boot sector, and talks to it over the serial port. A
 * process of its own carries out one order after the other, as the guest does, and writes a line for each.
 */

type GuestAction = Extract<Action, { do: 'guest' }>;

/** What the BIOS calls the disk behind a device; undefined where requests go another way. */
export function driveOf({ sequence }: Pick<Plan, 'sequence'>, disk: string): number | undefined {
  if (!wantsGuest(sequence)) return undefined;
  const { inOrder, besideBoot } = devicesOf(sequence);
  const at = inOrder.findIndex(({ name }) => name === disk);
  return at === -1 ? undefined : firstDrive + (besideBoot ? 1 : 0) + at;
}

/** What a script can't do of it. */
export function bootRefusal(sequence: Sequence): string | undefined {
  if (!wantsGuest(sequence)) return undefined;
  const isAgain =
    sequence.arena.incoming !== undefined ||
    sequence.steps.some((step) => 'fault' in step && step.fault === 'restart');
  return isAgain ? 'its guest would have to boot in a second QEMU, or another time' : undefined;
}

/** The boot sector as a file, where a disk has one; a boot disk beside the arena's is nothing else. */
export function bootSectorLines({ sequence }: Plan): string[] {
  const { besideBoot } = devicesOf(sequence);
  if (!besideBoot && !sequence.arena.disks.some(({ bootable }) => bootable)) return [];
  const text = bootSector.toString('base64').match(/.{1,100}/g) ?? [];
  return [
    "# The guest: a boot sector that carries out the orders of a serial port. mirrorfuzz's guest/boot-sector.asm is its source.",
    `base64 -d >${bootFile} <<'END' || cannot "$(<errors)"\n${text.join('\n')}\nEND`,
    ...(besideBoot
      ? [`cp ${bootFile} boot-sector.raw; truncate -s ${limits.bootableBytesMin} boot-sector.raw`]
      : []),
  ];
}

export const bootFile = 'boot-sector';

/** Its serial port is two pipes, which this shell holds open. */
export const serialPort = ({ sequence }: Plan): { before: string[]; options: string[]; after: string[] } =>
  wantsGuest(sequence)
    ? {
        before: [
          'mkfifo serial.in serial.out orders; exec {to_guest}<>serial.in {from_guest}<>serial.out {orders}<>orders',
        ],
        options: ['-chardev pipe,id=serial,path=serial -serial chardev:serial'],
        after: ['boots'],
      }
    : { before: [], options: [], after: [] };

/** A request, and whether its end is waited for. */
export function orderLines({ op, wait }: GuestAction, drive: number): string[] {
  const order = orderOf(op, drive);
  return [...(order === undefined ? [] : [`order ${order}`]), ...(wait ? ['done_all'] : [])];
}

/** A flush is none: the BIOS has no write cache. Nor has it a discard; and it counts in whole sectors. */
function orderOf(op: GuestOp, drive: number): string | undefined {
  if (op.op === 'flush') return undefined;
  const { offsetBytes, lengthBytes } = op;
  if (offsetBytes % sectorBytes !== 0 || lengthBytes % sectorBytes !== 0) return undefined;
  const where = `${drive} ${offsetBytes / sectorBytes} ${lengthBytes / sectorBytes}`;
  if (op.op === 'read') return `r ${where}`;
  if (op.op === 'zero') return `w ${where} 0`;
  return op.op === 'write' ? `w ${where} ${op.pattern ?? guestByte(op.generation)}` : undefined;
}

/** Bash functions of reproducers (helpers.ts). */
export const bootHelpers = {
  boots: `\
boots() { # waits until the guest says that it runs
  local said=''
  until [ "$said" = '!' ]; do
    IFS= read -r -d '' -n 1 -t \${PATIENCE:-30} -u $from_guest said || cannot "no guest boots: $(<stderr)"
  done
  ordered=0; : >answers; carry_out <orders >>answers &
}`,
  order: `order() { echo "$*" >&$orders; ((ordered += 1)); } # order r|w DRIVE SECTOR COUNT [BYTE]`,
  done_all: `\
done_all() { # waits until the guest has done all that it was told; $answer: how the last ended, and what a read found
  local i lines
  for ((i = 0; i < \${PATIENCE:-10} * 50; i++)); do
    mapfile -t lines <answers; answer=\${lines[ordered - 1]-}
    [[ $answer == *. ]] && return
    lives || return
    sleep 0.02
  done
  STUCK "the guest's request does not end"
}`,
  read_found: `\
read_found() { # read_found SECTOR COUNT BYTE: whether that is what the last read found there, counted from its begin
  local each all=(\${answer%.})
  [ "\${all[0]}" = ok ] || cannot "the guest's read fails: $answer"
  for each in "\${all[@]:1+$1:$2}"; do [ $each = $3 ] || return; done
}`,
  carry_out: `\
carry_out() { # each order by messages of 34 bytes, for 64 sectors at most; says how it ended, and of a read each sector's byte
  local op drive first count byte at now from unit message
  LC_ALL=C
  while read -r op drive first count byte; do
    printf -v unit '\\\\x%02x' \${byte:-0}; for now in 1 2 3 4; do unit+=$unit; done
    printf ok
    for ((at = 0; at < count; at += 64)); do
      now=$((count - at < 64 ? count - at : 64)) from=$((first + at))
      printf -v message '\\\\x%02x' $drive 16 0 $now 0 0 0 0 16 $((from & 255)) $((from >> 8 & 255)) $((from >> 16 & 255)) $((from >> 24)) 0 0 0 0
      printf "$op$message$unit" >&$to_guest
      hear; [ $code = 43 ] || { hear; printf ' error %02x' $code; break; }
      [ $op = w ] || while ((now--)); do sector; done
    done
    echo .
  done
}`,
  sector: `\
sector() { # of one that repeats 16 bytes these come, after "="; else all 512, after "#"
  local kind first i
  hear; kind=$code; hear; first=$code
  for ((i = kind == 61 ? 15 : 511; i > 0; i--)); do hear; [ $code = $first ] || kind=0; done
  [ $kind != 0 ] && printf ' %d' $first || printf ' mixed'
}`,
  hear: `\
hear() { # one byte of the guest, as a number
  IFS= read -r -d '' -n 1 -u $from_guest code
  printf -v code %d "'$code"; code=$((code & 255))
}`,
};
