import type { GuestOp } from '../../trace/observation.ts';
import type { Action } from './plan.ts';
import { quote } from './shell.ts';

/** The guest's side of a disk: a qemu-io that stays connected to the disk's NBD export. */
export const guestSide = `\
declare -A guest_in guest_out guest_owes

# connect DISK: starts a qemu-io on the disk's export, which takes requests from a pipe.
connect() {
  local in out
  mkfifo "$1.in" "$1.out"
  qemu-io -f raw "nbd+unix:///$1?socket=nbd.sock" <"$1.in" >"$1.out" 2>&1 &
  exec {in}>"$1.in" {out}<"$1.out"
  guest_in[$1]=$in guest_out[$1]=$out guest_owes[$1]=1
  prompted "$1" || cannot "no guest can be connected to $1"
}
# Reads qemu-io's prompt for the request before, which so has ended.
prompted() {
  [ "\${guest_owes[$1]}" = 1 ] || return 0
  IFS= read -r -t $patience -d '>' -u "\${guest_out[$1]}" && guest_owes[$1]=0
}
# guest DISK REQUEST waits for its end, guest_send does not.
guest_send() {
  prompted "$1" || return 0
  echo "$2" >&"\${guest_in[$1]}"
  guest_owes[$1]=1
}
guest() {
  guest_send "$@"
  prompted "$1" || [ $alive = no ] || stuck "$1" "$2"
}`;

export function guestLines({ disk, op, wait }: Extract<Action, { do: 'guest' }>): string[] {
  return [`${wait ? 'guest' : 'guest_send'} ${quote(disk)} ${quote(request(op, wait))}`];
}

/** The byte that a request's own content becomes here. */
export const guestByte = (request: number): number => 1 + (request % 0xa0);

function request(op: GuestOp, wait: boolean): string {
  const async = wait ? '' : 'aio_';
  switch (op.op) {
    case 'write': {
      const byte = op.pattern ?? guestByte(op.generation);
      return `${async}write ${op.fua ? '-f ' : ''}-P ${byte} ${op.offsetBytes} ${op.lengthBytes}`;
    }
    case 'zero':
      return `${async}write -z ${op.unmap ? '-u ' : ''}${op.offsetBytes} ${op.lengthBytes}`;
    case 'read':
      return `${async}read ${op.offsetBytes} ${op.lengthBytes}`;
    case 'discard':
      return `discard ${op.offsetBytes} ${op.lengthBytes}`;
    case 'flush':
      return 'flush';
    default:
      return op satisfies never;
  }
}
