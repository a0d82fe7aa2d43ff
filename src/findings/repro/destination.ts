import { openDisk } from '../../execute/arena/nodes.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { blockdevOption } from './blockdev.ts';
import { imageFile } from './images.ts';
import type { Plan, PlannedCommand } from './plan.ts';
import { quote } from './shell.ts';
import { commandJson } from './step-qmp.ts';

/** The second QEMU of a migration, where there is one: it serves disks that are mirrored to, or waits for the machine, too. */
export function destinationLines(plan: Plan): string[] {
  const { disks, incoming } = plan.sequence.arena;
  const served = disks.filter(({ servedBy }) => servedBy === 'destination');
  if (incoming !== undefined) return waiting(plan, served);
  return served.length === 0 ? [] : serving(served);
}

/** Ends it, so that it lets go of the images. */
export const destinationEnds = ({ arena }: Sequence): string[] =>
  arena.incoming === undefined ? [] : [`echo '{"execute": "quit"}' >&7; wait $there`];

/** Whether the machine runs there by now, at most so long. */
export const arrivedLines = (waitMs: number): string[] => [
  `for ((i = 0; i < ${waitMs}; i += 50)); do [[ $(<there.log) != *'"RESUME"'* ]] || break; sleep 0.05; done`,
];

/** Its monitor is on a pipe, which this shell holds open: nothing waits for a QEMU that does not start. */
function waiting(plan: Plan, served: readonly Disk[]): string[] {
  const { disks, incoming } = plan.sequence.arena;
  const shared = incoming === 'shared' ? disks.filter(isShared) : [];
  const opened = [...shared, ...served].flatMap((disk) => {
    const backing = disks.find(({ name }) => name === disk.backing);
    return openDisk(disk, imageFile(disk), backing, { objectProps: false }).commands;
  });
  const nodes = opened.map(blockdevOption);
  const program = 'qemu-system-x86_64 -machine none -nodefaults -display none -incoming defer';
  const said = [...served.flatMap(serverCommands), ...wait].map((command) => quote(commandJson(command)));
  return [
    '# The destination: a second QEMU that waits for the machine.',
    'mkfifo there; exec 7<>there',
    `${[program, ...nodes].join(' \\\n  ')} -qmp stdio <there >there.log 2>there.err & there=$!`,
    `printf '%s\\n' ${['\'{"execute": "qmp_capabilities"}\'', ...said].join(' \\\n  ')} >&7`,
    'for _ in {1..100}; do [ -S incoming.sock ] && break || sleep 0.1; done',
    '[ -S incoming.sock ] || cannot "the destination does not wait: $(<there.err)$(<there.log)"',
  ];
}

/** Storage that both reach, as execute/arena/destination.ts has it. */
const isShared = ({ open, servedBy, storage = 'file', layers = [] }: Disk): boolean =>
  open !== false && servedBy === undefined && storage === 'file' && layers.length === 0;

const serverCommands = ({ name }: Disk, at: number): PlannedCommand[] => [
  ...(at === 0
    ? [{ name: 'nbd-server-start', args: { addr: { type: 'unix', data: { path: 'destination.sock' } } } }]
    : []),
  {
    name: 'block-export-add',
    args: { id: `export-${name}`, type: 'nbd', 'node-name': name, name, writable: true },
  },
];

const wait: PlannedCommand[] = [
  {
    name: 'migrate-set-capabilities',
    args: { capabilities: [{ capability: 'dirty-bitmaps', state: true }] },
  },
  { name: 'migrate-incoming', args: { uri: 'unix:incoming.sock' } },
];

function serving(served: readonly Disk[]): string[] {
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
