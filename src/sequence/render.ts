import { printable } from '../printable.ts';
import { cardOf } from '../qemu/cards.ts';
import { type ArenaNode, type Disk, storageKind } from './arena.ts';
import { asReference } from './reference.ts';
import type { AfterClaim, ImageRef, Sequence } from './sequence.ts';
import type { Awaited, GuestClient, Json, QmpStep, ReplyClaim, Step } from './step.ts';

/** A sequence as people read it: the arena in a line a disk, then one line a step, then what is claimed. */
export function renderSequence(sequence: Sequence): string[] {
  return [
    ...sequence.arena.disks.map((disk) => printable(`   ${renderDisk(disk)}`)),
    ...(sequence.arena.nodes ?? []).map((node) => printable(`   ${renderNode(node)}`)),
    ...sequence.steps.map((step, i) => `${String(i + 1).padStart(2)}  ${renderStep(step)}`),
    ...(sequence.after ?? []).map((claim) => printable(`    ${renderClaim(claim)}`)),
  ];
}

/** One step, one line. */
export function renderStep(step: Step): string {
  const text = stepText(step);
  return printable(step.note === undefined ? text : `${text}   # ${step.note}`);
}

function stepText(step: Step): string {
  if ('qmp' in step) {
    const flags = [step.oob && '(out of band)', step.wait === false && '(not waited for)']
      .filter(Boolean)
      .join(' ');
    return joined(
      command(step),
      flags,
      step.expect === undefined ? '' : `expect ${renderReplyClaim(step.expect)}`,
    );
  }
  if ('raw' in step) {
    const pieces = Array.isArray(step.raw) ? step.raw : [step.raw];
    const shown = pieces.map((piece) =>
      typeof piece === 'string'
        ? cut(JSON.stringify(piece))
        : 'base64' in piece
          ? `base64 ${cut(piece.base64)}`
          : `${JSON.stringify(piece.repeat)} x ${piece.times}`,
    );
    return joined(
      'raw',
      shown.join(' '),
      step.splitAt ? `split at ${step.splitAt.join(',')}` : '',
      step.expect ? `expect ${step.expect}` : '',
    );
  }
  if ('guest' in step) {
    const where = step.guest === 'flush' ? '' : `${size(step.lengthBytes)} at ${size(step.offsetBytes ?? 0)}`;
    return joined(
      `guest ${step.guest}`,
      step.disk,
      where,
      step.client ? clientWords[step.client] : '',
      step.wait === false ? '(not waited for)' : '',
      step.expect ? `expect ${step.expect}` : '',
    );
  }
  if ('fault' in step) {
    const { fault, note: _, ...rest } = step;
    return joined(
      `fault ${fault}`,
      ...Object.entries(rest).map(([key, value]) =>
        key === 'disk' ? String(value) : `${key}=${plain(value)}`,
      ),
    );
  }
  if ('await' in step)
    return joined('await', renderAwaited(step.await), step.job ?? '', step.expect ? 'expect met' : '');
  return `pause ${step.pause} ms`;
}

const plain = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Job commands read as verb and object; every other command keeps its name. */
function command({ qmp, args = {} }: QmpStep): string {
  const { job, verb } = cardOf(qmp) ?? {};
  if (job?.kind === 'block') {
    const { 'job-id': id, device, target, ...rest } = args;
    const objects = target === undefined ? show(device) : `${show(device)} -> ${show(target)}`;
    const name = job.target === 'file' ? qmp : job.type;
    return joined(`${name}${id === undefined ? '' : ` ${show(id)}`}:`, objects, pairs(rest));
  }
  if (verb) {
    const { device, id, ...rest } = args;
    const spelling = verb.spelling === 'job' ? ' (job-*)' : '';
    return joined(
      `${verb.name}${spelling}`,
      device === undefined && id === undefined ? '' : show(device ?? id),
      pairs(rest),
    );
  }
  return joined(qmp, pairs(args));
}

const pairs = (args: Record<string, Json | undefined>): string =>
  Object.entries(args)
    .map(([key, value]) => `${key}=${show(value)}`)
    .join(' ');

/** References by the name of what they stand for. */
function show(value: Json | undefined): string {
  if (value === undefined) return '?';
  const reference = asReference(value);
  switch (reference?.kind) {
    case 'disk':
    case 'newDisk':
      return reference.disk;
    case 'node':
      return reference.layer === undefined ? reference.disk : `${reference.disk}-${reference.layer}`;
    case 'path':
      return `file of ${reference.disk}`;
    case 'uri':
      return `uri of ${reference.disk}`;
    case 'incoming':
      return 'the second QEMU';
    case 'newFile':
      return reference.file;
    case 'number':
      return reference.digits;
    case 'literal':
      return JSON.stringify(reference.value);
    case 'job':
    case undefined:
      return typeof value === 'string' && /^[\w.#-]+$/.test(value) ? value : cut(JSON.stringify(value));
  }
}

function renderReplyClaim(claim: ReplyClaim): string {
  if (typeof claim === 'string') return claim;
  return 'class' in claim ? claim.class : `return ${cut(JSON.stringify(claim.return))}`;
}

export function renderAwaited(awaited: Awaited): string {
  if (typeof awaited === 'string') return awaited;
  if ('locked' in awaited) return `image lock of ${awaited.locked}`;
  return joined(awaited.event, awaited.data ? JSON.stringify(awaited.data) : '');
}

export function renderClaim(claim: AfterClaim): string {
  const name = (image: ImageRef): string => (typeof image === 'string' ? image : image.file);
  if ('same' in claim) return `afterwards ${name(claim.same[0])} = ${name(claim.same[1])}`;
  if ('boots' in claim) return `afterwards a guest boots from ${name(claim.boots)}`;
  return 'check' in claim
    ? `afterwards ${name(claim.check)} is consistent`
    : `afterwards read ${name(claim.content)}`;
}

function renderDisk(disk: Disk): string {
  const fill = typeof disk.fill === 'object' ? `${disk.fill.runs.length} runs` : (disk.fill ?? 'empty');
  const layers = (disk.layers ?? []).map((layer) => Object.keys(layer)[0]).join(', ');
  return joined(
    `disk ${disk.name}`,
    `${disk.format} ${size(disk.sizeBytes)} ${fill}`,
    disk.bootable ? 'bootable' : '',
    storageKind(disk) === 'file' ? '' : `on ${storageKind(disk)}`,
    disk.backing ? `over ${disk.backing}` : '',
    layers && `with ${layers}`,
    disk.frontend && disk.frontend !== 'none' ? `guest: ${disk.frontend}` : '',
    disk.legacyDrive ? 'on a -drive' : '',
    disk.through ? `by way of ${disk.through}` : '',
    disk.iothread ? `in ${disk.iothread}` : '',
    disk.queues ? `queues in ${disk.queues.join(', ')}` : '',
    disk.readOnly ? 'read-only' : '',
    disk.open === false ? '(not opened)' : '',
  );
}

function renderNode({ driver, ...options }: ArenaNode): string {
  const { 'node-name': name, ...rest } = options;
  return joined(`node ${name}`, `${driver}`, pairs(rest as Record<string, Json>));
}

function size(bytes: number | undefined): string {
  if (bytes === undefined) return '64k';
  for (const [unit, scale] of [
    ['G', 2 ** 30],
    ['M', 2 ** 20],
    ['k', 2 ** 10],
  ] as const) {
    if (bytes >= scale && bytes % scale === 0) return `${bytes / scale}${unit}`;
  }
  return String(bytes);
}

const cut = (text: string): string => (text.length > 72 ? `${text.slice(0, 69)}...` : text);

const joined = (...parts: (string | false | undefined)[]): string => parts.filter(Boolean).join(' ');

const clientWords: Record<GuestClient, string> = {
  new: 'by a new client',
  once: 'by a client that leaves after it',
};
