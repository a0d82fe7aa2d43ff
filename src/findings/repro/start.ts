import { blockdevOption, split } from './blockdev.ts';
import type { Toolbox } from './helpers.ts';
import type { Plan, PlannedCommand } from './plan.ts';
import { quote } from './shell.ts';
import { connectLines } from './step-guest.ts';
import { mustLine } from './step-qmp.ts';

export const programName = ({ flavour }: Plan): string =>
  flavour === 'system' ? 'qemu-system-x86_64' : 'qemu-storage-daemon';

/** The command line that a reproducer starts QEMU with: its monitor is on stdin and stdout. */
export function commandLineOf(plan: Plan, setUp: readonly PlannedCommand[] = plan.setUp): string[] {
  const objects = plan.objects.map((object) => `--object ${quote(object)}`);
  const nodes = split(setUp).opened.map(blockdevOption);
  if (plan.flavour === 'daemon')
    return [
      programName(plan),
      ...objects,
      ...nodes,
      '--chardev stdio,id=monitor',
      '--monitor chardev=monitor',
    ];
  const machine = plan.sequence.arena.machine === 'pc' ? '-machine pc -accel tcg -m 16' : '-machine none';
  return [programName(plan), machine, '-nodefaults -display none', ...objects, ...nodes, '-qmp stdio'];
}

/** Starts QEMU and negotiates. */
export function startLines(
  plan: Plan,
  hears: Toolbox['hears'],
  setUp: readonly PlannedCommand[] = plan.setUp,
): string[] {
  const capabilities = { name: 'qmp_capabilities', args: plan.oob ? { enable: ['oob'] } : {} };
  return [
    ...connection[hears].before,
    `${commandLineOf(plan, setUp).join(' ')} <monitor >${connection[hears].output} 2>stderr & pid=$!`,
    connection[hears].after,
    mustLine(capabilities),
    ...split(setUp).rest.map(mustLine),
    ...connectLines(plan),
  ];
}

const connection = {
  reading: { before: ['mkfifo monitor said'], output: 'said', after: 'exec 3>monitor 4<said' },
  polling: { before: ['mkfifo monitor'], output: 'log', after: 'exec 3>monitor' },
} as const;

/** Starts the same program again, once the first one is gone, with the same nodes on the images as they are. */
export function restartLines(plan: Plan, setUp: readonly PlannedCommand[]): string[] {
  return [
    'ended 10 || cannot "QEMU is still there"',
    'wait $pid',
    'exec 3>&- 4<&-; rm -f log monitor said',
    '# The same program again.',
    ...startLines(
      plan,
      'polling',
      setUp.filter(({ name }) => name !== 'object-add'),
    ),
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
