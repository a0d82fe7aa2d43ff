import { type Disk, storageKind } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { FaultStep } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import { imageFile } from './images.ts';

/** What a shell can do to a server: end it, freeze it, and take that back. */
export type ServerAction = { do: 'server'; disk: string; is: 'well' | 'killed' | 'suspended' };

/** Disks on NBD storage: a reproducer has a qemu-nbd of its own for each. */
export const servedDisks = ({ arena }: Sequence): Disk[] =>
  arena.disks.filter((disk) => storageKind(disk) === 'nbd');

/** Why these servers, or what is the matter with them, are beyond a shell; undefined where they are not. */
export function serverRefusal({ arena, steps }: Sequence): string | undefined {
  for (const disk of arena.disks) {
    const kind = storageKind(disk);
    if (kind !== 'file' && kind !== 'nbd') return `${disk.name} lies on ${kind} storage`;
    const program =
      typeof disk.storage === 'object' && 'nbd' in disk.storage ? disk.storage.nbd.server : undefined;
    if (program !== undefined && program !== 'qemu-nbd') return `${disk.name} is served by ${program}`;
  }
  const states = steps.flatMap((step) => ('fault' in step && step.fault === 'server' ? [step.is] : []));
  const other = states.find((state) => !isPlain(state));
  return other === undefined ? undefined : `a server is ${other}`;
}

export function serverAction(fault: FaultStep): ServerAction | undefined {
  if (fault.fault !== 'server' || !isPlain(fault.is)) return undefined;
  return { do: 'server', disk: fault.disk, is: fault.is };
}

const isPlain = (state: string): state is ServerAction['is'] =>
  state === 'well' || state === 'killed' || state === 'suspended';

/** The sockets of a run's servers, and what a reproducer calls them. */
export function serverSockets(trace: Trace): [seen: string, called: string][] {
  return trace.flatMap((each): [string, string][] => {
    const socket = each.kind === 'served' && each.node.driver === 'nbd' ? each.node.server : undefined;
    const path = socket !== null && typeof socket === 'object' && 'path' in socket ? socket.path : undefined;
    return each.kind === 'served' && typeof path === 'string' ? [[path, socketOf(each.disk)]] : [];
  });
}

const socketOf = (disk: string): string => `${disk}-server.sock`;

/** Starts them, once the images are there. */
export function serverLines(sequence: Sequence): string[] {
  const served = servedDisks(sequence);
  if (served.length === 0) return [];
  return [
    '# The servers, one for each image that is reached by NBD; a qcow2 image gets room to grow, which no server makes later.',
    functions,
    ...served.flatMap((disk) => {
      const file = imageFile(disk);
      const options = disk.readOnly ? ' --read-only' : '';
      const room = 2 * disk.sizeBytes + roomBytes;
      return [
        ...(disk.format === 'qcow2' && !disk.readOnly
          ? [`truncate -s '>${room}' ${file} || cannot "no room"`]
          : []),
        `image[${disk.name}]=${file} options[${disk.name}]='${options.trim()}'`,
        `serve ${disk.name}`,
      ];
    }),
  ];
}

/** For the tables of an image that is written all over. */
const roomBytes = 2 ** 20;

const functions = `\
declare -A image options server
serve() { # serve DISK
  rm -f "$1-server.sock"
  qemu-nbd --persistent --shared=8 --discard=unmap \${options[$1]} --socket="$dir/$1-server.sock" \\
    --export-name=disk --format=raw "\${image[$1]}" 2>"$1-server.err" &
  server[$1]=$!
  for _ in {1..100}; do [ -S "$1-server.sock" ] && return || sleep 0.1; done
  cannot "the server of $1 does not start: $(tail -n 1 "$1-server.err")"
}
killed() { kill -KILL "\${server[$1]}"; wait "\${server[$1]}"; } 2>/dev/null
well() { kill -CONT "\${server[$1]}" 2>/dev/null || serve "$1"; }
suspended() { well "$1"; kill -STOP "\${server[$1]}"; }
# Servers let go of the images, which can be looked at then.
release() { local disk; for disk in "\${!server[@]}"; do killed "$disk"; done; }`;
