import { cardOf } from '../../qemu/cards.ts';
import type { SchemaType } from '../../qmp/schema.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { jobReference, type Situation } from '../situation.ts';

/** The member that wants a value. `command`: in a transaction, the action. `level`: node options around it. */
export type Asked = { command: string; name: string; level: number };

type Filler = (draw: Draw, situation: Situation, asked: Asked) => Json | undefined;

/** What a member of that name stands for: a node, a job, a size, a file; undefined where only its type is known. */
export function plausibleValue(
  draw: Draw,
  situation: Situation,
  type: SchemaType,
  asked: Asked,
): Json | undefined {
  const wanted = type.kind === 'builtin' ? type.jsonType : type.kind;
  const table =
    wanted === 'string' ? texts : wanted === 'int' ? integers : wanted === 'enum' ? choices : none;
  return table[asked.name]?.(draw, situation, asked);
}

/** What `blockdev-reopen` must be given again of a format node: it takes anything else for a change. */
export function reopened(draw: Draw, { nodes }: Situation): JsonObject {
  const chosen = draw.anyOf(nodes.filter(({ driver }) => driver === 'qcow2' || driver === 'raw'));
  const [below] = chosen?.children ?? [];
  if (!chosen || below === undefined) return {};
  const { driver, name, backing } = chosen;
  return { driver, 'node-name': name, file: below, ...(backing === undefined ? {} : { backing }) };
}

/** Secrets and helpers that no arena has; a backing file's name would end up in an image's header. */
export const leftOut: ReadonlySet<string> = new Set([
  ...['backing-file', 'pr-manager', 'key-secret', 'password-secret', 'encrypt', 'tls-creds', 'tls-authz'],
  ...['config', 'abstract', 'tight', 'backing-fmt', 'data-file', 'header', 'x-check-cache-dropped'],
]);

/** Above all the format nodes of disks, which is where jobs live. */
const node: Filler = (draw, { nodes }, { command }) => {
  // blockdev-create would make another image of what lies there.
  const open = command === 'blockdev-create' ? nodes.filter(({ origin }) => origin === 'added') : nodes;
  const disks = open.filter(({ disk }) => disk !== undefined);
  return (draw.chance(0.7) ? draw.anyOf(disks) : draw.anyOf(open))?.name ?? 'none';
};

const device: Filler = (draw, situation, asked) => {
  const disk = draw.anyOf(situation.arena.disks.filter(({ open }) => open !== false));
  return disk && draw.chance(0.8) ? { disk: disk.name } : node(draw, situation, asked);
};

const job: Filler = (draw, situation) => {
  const known = draw.anyOf(situation.jobs);
  return known ? jobReference(situation, known) : '#0';
};

const newNode: Filler = (draw) => draw.oneOf(['x0', 'x1', 'x2', 'x3', 'x4', 'x5']);
const newFile: Filler = (draw) => ({ newFile: draw.oneOf(['m0', 'm1', 'm2', 'm3']) });

/** In node options the name of a new node, else that of one which is there. */
const nodeName: Filler = (draw, situation, asked) => {
  const gives =
    (asked.level > 0 && !/reopen/.test(asked.command)) ||
    cardOf(asked.command)?.names?.includes('node-name') === true;
  return gives ? newNode(draw, situation, asked) : node(draw, situation, asked);
};

/** A file that an open node holds is locked, and so a good reason for a refusal. */
const file: Filler = (draw, situation, asked) => {
  const disk = draw.anyOf(situation.arena.disks);
  // blockdev-create would make another image of what lies there.
  const isNew = !disk || asked.command === 'blockdev-create' || draw.chance(0.5);
  return isNew ? newFile(draw, situation, asked) : { path: disk.name };
};

const target: Filler = (draw, situation, asked) => {
  if (cardOf(asked.command)?.file !== 'target') {
    return asked.command === 'block-dirty-bitmap-merge'
      ? bitmap(draw, situation, asked)
      : node(draw, situation, asked);
  }
  return draw.chance(0.2) ? 'json:{"driver":"null-co","size":1048576}' : newFile(draw, situation, asked);
};

const bitmap: Filler = (draw, { bitmaps }) => draw.anyOf(bitmaps)?.name ?? draw.oneOf(['bm0', 'bm1']);
const exportId: Filler = (draw, { exports }) => draw.anyOf(exports)?.id ?? 'e1';

const name: Filler = (draw, situation, asked) =>
  /bitmap/.test(asked.command) ? bitmap(draw, situation, asked) : exportId(draw, situation, asked);

const id: Filler = (draw, situation, asked) => {
  if (cardOf(asked.command)?.verb?.id === 'id') return job(draw, situation, asked);
  if (asked.command === 'block-export-add') return draw.oneOf(['e1', 'e2', 'e3']);
  if (asked.command.startsWith('block-export')) return exportId(draw, situation, asked);
  if (asked.command.startsWith('object-')) return draw.oneOf(['o0', 'o1']);
  return device(draw, situation, asked);
};

const texts: Readonly<Record<string, Filler>> = {
  device: (draw, situation, asked) =>
    cardOf(asked.command)?.verb?.id === 'device'
      ? job(draw, situation, asked)
      : device(draw, situation, asked),
  id,
  name,
  node,
  'node-name': nodeName,
  target,
  overlay: node,
  parent: node,
  'base-node': node,
  'top-node': node,
  bottom: node,
  replaces: node,
  'image-node-name': node,
  ...Object.fromEntries(
    ['file', 'image', 'test', 'raw', 'log', 'backing', 'children'].map((each) => [each, node]),
  ),
  'job-id': (draw) => draw.oneOf(['h0', 'h1', 'h2', 'h3']),
  'snapshot-node-name': newNode,
  'filter-node-name': newNode,
  'snapshot-file': newFile,
  filename: file,
  base: file,
  top: file,
  path: () => ({ newFile: 'm.sock' }),
  bitmap,
  bitmaps: bitmap,
  format: (draw) => draw.oneOf(['qcow2', 'raw']),
  driver: (draw) => draw.oneOf(['qcow2', 'raw']),
  iothread: (draw, { arena }) => draw.anyOf(arena.iothreads ?? []) ?? 'o0',
  'throttle-group': (draw, { arena }) => `throttle-${draw.anyOf(arena.disks)?.name ?? 'none'}`,
  'qom-type': (draw) => draw.oneOf(['iothread', 'throttle-group']),
};

const diskSize: Filler = (draw, { arena }) => draw.anyOf(arena.disks)?.sizeBytes ?? 2 ** 20;

const integers: Readonly<Record<string, Filler>> = {
  size: diskSize,
  speed: (draw) => draw.oneOf([0, 65_536, 2 ** 20]),
  granularity: (draw) => draw.oneOf([512, 4096, 65_536]),
  'buf-size': (draw) => draw.oneOf([0, 65_536, 2 ** 20]),
  offset: (draw) => draw.oneOf([0, 512, 65_536]),
  'cluster-size': (draw) => draw.oneOf([512, 65_536]),
  'min-cluster-size': (draw) => draw.oneOf([0, 65_536]),
  'latency-ns': (draw) => draw.oneOf([0, 1_000_000]),
  'delay-ns': () => 0,
  'max-workers': () => 4,
  'vote-threshold': () => 1,
  ...Object.fromEntries(
    ['bps', 'bps_rd', 'bps_wr', 'iops', 'iops_rd', 'iops_wr'].map((each) => [each, () => 0]),
  ),
};

/** Drivers that need nothing but a node or nothing at all come first, so that what is broken is what was meant. */
const choices: Readonly<Record<string, Filler>> = {
  driver: (draw, _situation, { command }) => {
    if (command === 'blockdev-create') return draw.chance(0.7) ? draw.oneOf(['file', 'qcow2']) : undefined;
    return draw.chance(0.7)
      ? draw.oneOf(['null-co', 'raw', 'qcow2', 'blkdebug', 'file', 'throttle'])
      : undefined;
  },
  sync: (draw) => draw.oneOf(['full', 'full', 'top', 'none', 'bitmap', 'incremental']),
  type: (_draw, _situation, { command, name: _ }) => {
    if (command === 'block-export-add') return 'nbd';
    if (command === 'nbd-server-start') return 'unix';
    return command === 'block-job-change' ? 'mirror' : undefined;
  },
};

const none: Readonly<Record<string, Filler>> = {};
