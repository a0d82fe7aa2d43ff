import { type Disk, storageKind } from '../../sequence/arena.ts';
import { asReference } from '../../sequence/reference.ts';
import { renderAwaited } from '../../sequence/render.ts';
import {
  type Awaited,
  errorsOf,
  type FaultStep,
  type GuestStep,
  type Json,
  type Step,
} from '../../sequence/step.ts';

/** A disk of the arena, for somebody who knows QEMU and not us. */
export function diskSentence(disk: Disk): string {
  const fill = typeof disk.fill === 'object' ? 'with data in parts' : fills[disk.fill ?? 'empty'];
  const layers = (disk.layers ?? []).flatMap((layer) => Object.keys(layer));
  const more = [
    ...imageWords(disk),
    disk.backing === undefined ? '' : `backing image ${disk.backing}`,
    storageKind(disk) === 'file' ? '' : `on ${storageKind(disk)}`,
    layers.length === 0 ? '' : `below a node of ${layers.join(' and ')}`,
    frontends[disk.frontend ?? 'none'],
    disk.legacyDrive ? 'on a -drive' : '',
    disk.iothread === undefined ? '' : `in iothread ${disk.iothread}`,
    disk.queues ? `with queues in iothreads ${disk.queues.join(' and ')}` : '',
    disk.readOnly ? 'read-only' : '',
    disk.open === false ? 'the file alone, without a node' : '',
  ];
  return `Disk ${disk.name}: ${[disk.format, bytes(disk.sizeBytes), fill, ...more].filter(Boolean).join(', ')}.`;
}

/** One step; `answer`: what QEMU said to its command, where it was no success. */
export function stepSentence(step: Step, answer: string | undefined): string {
  if ('qmp' in step) {
    const args = Object.entries(step.args ?? {}).map(([key, value]) => `${key}=${named(value)}`);
    const how = [
      step.oob ? ' out of band' : '',
      step.wait === false ? ' without waiting for the answer' : '',
    ].join('');
    return `${step.qmp}${args.length === 0 ? '' : ` with ${args.join(', ')}`}${how}.${answer === undefined ? '' : ` ${answer}`}`;
  }
  if ('raw' in step) return `These bytes on the monitor: ${cut(JSON.stringify(step.raw))}.`;
  if ('guest' in step) return guestSentence(step);
  if ('fault' in step) return faultSentence(step);
  if ('await' in step) return awaitSentence(step.await);
  return `Wait ${step.pause} ms.`;
}

/** How the image is made, as far as it is not QEMU's default. */
function imageWords({ clusterBytes, qcow2 = {} }: Disk): string[] {
  const { extendedL2, compressed, snapshots, preallocation, dataFile, encrypted } = qcow2;
  return [
    clusterBytes === undefined ? '' : `clusters of ${bytes(clusterBytes)}`,
    extendedL2 ? 'extended_l2' : '',
    compressed ? 'compressed' : '',
    snapshots ? `internal snapshots: ${snapshots}` : '',
    preallocation ? `preallocation=${preallocation}` : '',
    dataFile ? (dataFile === 'raw' ? 'with a raw data file' : 'with a data file') : '',
    encrypted ? 'encrypted with LUKS' : '',
  ];
}

const fills = { empty: 'empty', seeded: 'with data in parts', full: 'full of data' } as const;

const frontends = {
  none: '',
  nbd: 'which the guest uses by an NBD export',
  drive: 'a -drive of the guest',
  auto: 'a -drive of the guest, where there is one',
  virtio: 'a virtio disk of the guest',
  scsi: 'a disk on a virtio-scsi controller of the guest',
  nvme: 'an NVMe disk of the guest',
  usb: 'a USB disk of the guest',
  ide: 'an IDE disk of the guest',
} as const;

function guestSentence(step: GuestStep): string {
  const [who, after] = clients[step.client ?? 'same'];
  const then = `${after}${step.via === 'hmp' ? ", by HMP's qemu-io" : ''}${step.wait === false ? '; the next step does not wait for it' : ''}.`;
  if (step.guest === 'flush') return `${who} flushes ${step.disk}${then}`;
  const size = step.lengthBytes ?? 65_536;
  const what = `${requests[step.guest]} ${size === 1 ? '1 byte' : bytes(size)}`;
  return `${who} ${what} at ${step.offsetBytes ?? 0} of ${step.disk}${then}`;
}

const clients = {
  same: ['The guest', ''],
  new: ['An NBD client that connects just then', ', and stays connected'],
  once: ['An NBD client that connects just then', ', and disconnects after the answer'],
} as const;

function awaitSentence(awaited: Awaited): string {
  switch (awaited) {
    case 'gone':
      return "Wait for the job's end.";
    case 'guest':
      return "Wait until the guest's requests are done.";
    case 'reply':
      return 'Wait for the answers.';
    case 'exit':
      return 'Wait until QEMU ends.';
    case 'arrived':
      return 'Wait until the second QEMU runs the machine.';
    case 'READY':
    case 'offset=len':
      return `Wait for ${awaited}.`;
    default:
      return typeof awaited === 'string'
        ? `Wait until the job is ${awaited}.`
        : `Wait for ${renderAwaited(awaited)}.`;
  }
}

const requests = { write: 'writes', zero: 'writes zeroes,', discard: 'discards', read: 'reads' } as const;

const strangers = {
  silent: 'says nothing',
  half: 'stops in the middle of the handshake',
  vanish: 'hangs up in the middle of a write',
} as const;

function faultSentence(step: FaultStep): string {
  switch (step.fault) {
    case 'inject': {
      const errors = errorsOf(step).map(({ errno, iotype, event }) =>
        iotype === undefined && event !== undefined
          ? `${errno} at ${event}`
          : `${errno} into ${iotype ?? 'all'} requests`,
      );
      return `blkdebug, put below ${step.disk} by blockdev-reopen, injects ${errors.join(' and ')}.`;
    }
    case 'lift':
      return `blkdebug goes from below ${step.disk}.`;
    case 'throttle':
      return `${step.disk} is throttled.`;
    case 'unthrottle':
      return `${step.disk} is no longer throttled.`;
    case 'fill':
      return `No space is left for the image of ${step.disk}.`;
    case 'room':
      return `There is space again for the image of ${step.disk}.`;
    case 'sigstop':
    case 'sigcont':
    case 'sigkill':
      return `QEMU is sent ${step.fault.toUpperCase()}.`;
    case 'restart':
      return 'QEMU is started again on the same images.';
    case 'server':
      return serverSentence(step);
    case 'stranger':
      return `An NBD client connects to the export of ${step.disk} and ${strangers[step.does]}.`;
    case 'opener':
      return `Another process opens the image of ${step.disk} to read it${step.shared ? ', whoever has it locked' : ''}, and leaves.`;
    case 'monitor':
      return `By another monitor, all at once: ${step.commands.map(({ qmp, oob }) => `${qmp}${oob ? ' (out of band)' : ''}`).join(', ')}.`;
    default:
      return step satisfies never;
  }
}

function serverSentence({ disk, is, errno }: ServerStep): string {
  switch (is) {
    case 'well':
      return `The storage server of ${disk} is well again.`;
    case 'killed':
      return `The storage server of ${disk} is killed.`;
    case 'suspended':
      return `The storage server of ${disk} is stopped by SIGSTOP.`;
    case 'cut':
      return `The storage server of ${disk} drops its connections.`;
    case 'slow':
      return `The storage server of ${disk} becomes slow.`;
    case 'failing':
      return `The storage server of ${disk} fails all writes with ${errno ?? 'EIO'}.`;
    case 'read-only':
      return `The storage server of ${disk} refuses all writes: it is read-only.`;
    case 'full':
      return `The storage server of ${disk} has no space left.`;
    case 'removed':
      return `The storage server of ${disk} no longer offers the image.`;
    default:
      return is satisfies never;
  }
}

type ServerStep = Extract<FaultStep, { fault: 'server' }>;

/** References by the name of what they stand for. */
function named(value: Json): string {
  const reference = asReference(value);
  switch (reference?.kind) {
    case 'disk':
    case 'path':
    case 'uri':
      return reference.disk;
    case 'newDisk':
      return `${reference.disk} (a new image)`;
    case 'node':
      return reference.layer === undefined ? reference.disk : `${reference.disk}-${reference.layer}`;
    case 'incoming':
      return 'the second QEMU';
    case 'newFile':
      return reference.file;
    case 'number':
      return reference.digits;
    case 'literal':
      return cut(JSON.stringify(reference.value));
    case 'job':
      return ordinals[reference.index] ?? `job ${reference.index + 1}`;
    case undefined:
      return typeof value === 'string' ? value : cut(inner(value));
  }
}

const ordinals = ['the job', 'the second job', 'the third job'];

/** JSON with references by name. */
function inner(value: Json): string {
  return JSON.stringify(value, (_key, each: Json) => {
    const isNamed = each !== null && typeof each === 'object' && asReference(each) !== undefined;
    return isNamed ? named(each) : each;
  });
}

function bytes(size: number): string {
  for (const [unit, scale] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const)
    if (size >= scale && size % scale === 0) return `${size / scale} ${unit}`;
  return `${size} bytes`;
}

const charsMax = 400;
const cut = (text: string): string => (text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text);
