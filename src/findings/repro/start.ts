import type { Plan, PlannedCommand } from './plan.ts';
import { quote } from './shell.ts';
import { mustLine } from './step-qmp.ts';

export const programName = ({ flavour }: Plan): string =>
  flavour === 'system' ? 'qemu-system-x86_64' : 'qemu-storage-daemon';

/** The command line that a reproducer starts QEMU with: its monitor is on stdin and stdout. */
export function commandLineOf(plan: Plan): string[] {
  const objects = plan.objects.map((object) => `--object ${quote(object)}`);
  const chardev = 'stdio,id=monitor,signal=off';
  if (plan.flavour === 'daemon')
    return [programName(plan), ...objects, `--chardev ${chardev}`, '--monitor chardev=monitor'];
  const machine = plan.sequence.arena.machine === 'pc' ? '-machine pc -accel tcg -m 16' : '-machine none';
  return [
    programName(plan),
    `${machine} -nodefaults -no-user-config -display none`,
    ...objects,
    `-chardev ${chardev}`,
    '-mon chardev=monitor,mode=control',
  ];
}

/** Starts QEMU and negotiates. */
export function startLines(plan: Plan): string[] {
  const capabilities = plan.oob ? ` '{"enable": ["oob"]}'` : '';
  return [
    `coproc QEMU { exec ${commandLineOf(plan).join(' \\\n  ')} 2>stderr; }`,
    'pid=$QEMU_PID',
    `exec {from}<&"\${QEMU[0]}" {to}>&"\${QEMU[1]}" || cannot "QEMU does not start"`,
    `hear $patience || cannot "QEMU does not start: $(<stderr)"`,
    `must start qmp_capabilities${capabilities}`,
  ];
}

/** Starts the same program again, once the first one is gone, with the same nodes on the images as they are. */
export function restartLines(plan: Plan, setUp: readonly PlannedCommand[]): string[] {
  return [
    'await 10000 gone || cannot "QEMU is still there"',
    'wait "$pid"',
    `alive=yes unfinished='' status=() history=()`,
    ...startLines(plan),
    ...setUp.filter(({ name }) => name !== 'object-add').map((command) => mustLine(command, 'set-up')),
    ...plan.guestDisks.flatMap((disk) => [
      `rm ${quote(`${disk}.in`)} ${quote(`${disk}.out`)}`,
      `connect ${quote(disk)}`,
    ]),
  ];
}

/** A second QEMU that serves the disks which the arena leaves to it, as the destination of a migration does. */
export function destinationLines({ sequence }: Plan): string[] {
  const served = sequence.arena.disks.filter(({ servedBy }) => servedBy === 'destination');
  if (served.length === 0) return [];
  const nodes = served.flatMap(({ name, format }) => [
    `--blockdev file,node-name=${name}-file,filename=${name}.${format}`,
    `--blockdev ${format},node-name=${name},file=${name}-file`,
    `--export nbd,id=${name},node-name=${name},name=${name},writable=on`,
  ]);
  const server = '--nbd-server addr.type=unix,addr.path=destination.sock';
  const blockdevs = nodes.filter((arg) => arg.startsWith('--blockdev'));
  const exports = nodes.filter((arg) => arg.startsWith('--export'));
  return [
    '# The destination: a second QEMU with the disks that are mirrored to.',
    `qemu-storage-daemon ${[...blockdevs, server, ...exports].join(' \\\n  ')} &`,
    'for _ in {1..100}; do [ -S destination.sock ] && break || sleep 0.1; done',
    '[ -S destination.sock ] || cannot "the destination does not start"',
  ];
}
