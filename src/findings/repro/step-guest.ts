import { wantsGuest } from '../../sequence/machine.ts';
import type { GuestOp } from '../../trace/observation.ts';
import { driveOf, orderLines } from './booted-guest.ts';
import { guestByte } from './guest-byte.ts';
import type { Action, Plan } from './plan.ts';
import { quote } from './shell.ts';

type GuestAction = Extract<Action, { do: 'guest' }>;

/** A guest that boots has its orders by a serial port. Else the guest's side of a disk is a qemu-io on the disk's NBD export: one that stays where that may matter, else one a request. */
export function guestLines(action: GuestAction, plan: Plan): string[] {
  const { disk, op, wait, client } = action;
  const drive = driveOf(plan, disk);
  if (drive !== undefined) return orderLines(action, drive);
  if (client) {
    const once = `guest_once ${quote(disk)} -c ${quote(request(op, true))}`;
    return wait ? [once] : [`${once} &`, 'clients+=($!)'];
  }
  const text = request(op, wait);
  if (staysConnected(plan)) return [`${wait ? 'guest' : 'guest_send'} ${quote(disk)} ${quote(text)}`];
  return [`guest_once ${quote(disk)} -c ${quote(text)}`];
}

/** Lines that wait until requests in flight are under way: of one that qemu-io does not wait for, its prompt says so. */
export function underWayLines({ steps }: Plan, before: number): string[] {
  const step = steps[before - 1];
  const sent = step?.actions.find((action) => action.do === 'guest' && isInFlight(action));
  return sent?.do === 'guest' ? [`prompted ${quote(sent.disk)}`] : [];
}

/** Connects the guests, once the exports are there. */
export function connectLines(plan: Plan): string[] {
  if (!staysConnected(plan) || plan.guestDisks.length === 0) return [];
  return ['declare -A to from owes', ...plan.guestDisks.map((disk) => `guest_connect ${quote(disk)}`)];
}

/**
 * Whether each guest is connected from the start to the end. One that comes for each request flushes when it goes, and
 * takes its time to come: that is no matter where every request is waited for, and nothing hinders one.
 */
export function staysConnected(plan: Plan): boolean {
  const { sequence } = plan;
  return (
    hasRequestsInFlight(plan) ||
    sequence.arena.disks.some(({ layers = [] }) => layers.length > 0) ||
    sequence.steps.some((step) => 'fault' in step)
  );
}

export const hasRequestsInFlight = ({ steps }: Plan): boolean =>
  steps.some(({ actions }) => actions.some((action) => isHindrance(action)));

/** Of the client that is connected from the start. */
const isInFlight = ({ wait, client }: GuestAction): boolean => !wait && !client;
const isHindrance = (action: Action): boolean => action.do === 'guest' && isInFlight(action);

/** Waits for all requests in flight, whoever asked. */
export function guestEndLines(plan: Plan): string[] {
  const cameLate = plan.steps.some(({ actions }) =>
    actions.some((each) => each.do === 'guest' && each.client),
  );
  return [
    ...(wantsGuest(plan.sequence) ? ['done_all'] : []),
    ...(staysConnected(plan) ? plan.guestDisks.map((disk) => `guest ${quote(disk)} aio_flush`) : []),
    ...(cameLate ? [`wait "\${clients[@]}"`] : []),
  ];
}

/** As qemu-io takes it; `wait`: false where it is to go on at once. */
export function request(op: GuestOp, wait: boolean): string {
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
