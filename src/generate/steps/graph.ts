import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { isInUse } from '../guess-graph.ts';
import type { GuessedNode } from '../guesses.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { deviceArgument, freshName, imageNodes, isBusy, isOdd } from './candidates.ts';
import { command, hasDriver, only } from './command.ts';

/** Nodes added, deleted, opened anew, resized, moved to another thread. */
export function graph(draw: Draw, situation: Situation): Step[] | undefined {
  const [name, args] = draw.oneOf(makers)(draw, situation) ?? [];
  return name === undefined ? undefined : only(command(draw, situation, name, args));
}

type Made = [name: string, args: JsonObject] | undefined;
type Maker = (draw: Draw, situation: Situation) => Made;

function add(draw: Draw, situation: Situation): Made {
  const added = situation.nodes.filter(({ origin }) => origin === 'added');
  if (added.length >= limits.maxAddedNodes) return undefined;
  const name = freshName(situation, 'x');
  const size = situation.nodes.find(({ disk }) => disk !== undefined)?.sizeBytes ?? 2 ** 20;
  const options = draw.oneOf([nullNode, nullNode, rawOverNull, quorum])(draw, size, situation);
  return hasDriver(situation.binary, options.driver)
    ? ['blockdev-add', { 'node-name': name, ...options }]
    : undefined;
}

type Options = JsonObject & { driver: string };

const nullNode = (draw: Draw, size: number): Options => ({
  driver: draw.oneOf(['null-co', 'null-aio']),
  size,
  // Without, nothing is promised of what it shows, zeroes neither: a mirror discards there.
  ...draw.sometimes(0.7, { 'read-zeroes': true }),
  ...draw.sometimes(0.3, { 'latency-ns': draw.oneOf([1000, 1_000_000]) }),
});

const rawOverNull = (draw: Draw, size: number): Options => ({
  driver: 'raw',
  file: nullNode(draw, size),
});

/** Children of one size, as quorum wants them. */
function quorum(draw: Draw, size: number, situation: Situation): Options {
  const at = Number(freshName(situation, 'q').slice(1));
  const child = (i: number): Json => ({ newDisk: `q${at + i}`, format: 'raw', sizeBytes: size });
  const count = draw.int(2, 3);
  return {
    driver: 'quorum',
    'vote-threshold': draw.int(1, 2),
    children: Array.from({ length: count }, (_, i) => child(i)),
  };
}

/** Only what the steps have added: without the arena's nodes the rest of the sequence would be idle. */
function del(draw: Draw, situation: Situation): Made {
  const odd = isOdd(draw, situation);
  const candidates = situation.nodes.filter(
    ({ name, origin }) => odd || (origin !== 'arena' && origin !== 'job' && !isInUse(situation, name)),
  );
  const node = draw.anyOf(candidates);
  return node && ['blockdev-del', { 'node-name': node.name }];
}

/** The options that it has, and others of those that may change. */
function reopen(draw: Draw, situation: Situation): Made {
  const node = draw.anyOf(
    situation.arena.disks.filter(
      (disk) =>
        disk.open !== false &&
        disk.frontend !== 'auto' &&
        disk.frontend !== 'drive' &&
        !situation.faulty.includes(disk.name) &&
        situation.nodes.some(({ name, backing }) => name === disk.name && backing === disk.backing),
    ),
  );
  if (!node) return undefined;
  const below = situation.nodes.find(({ name }) => name === node.name)?.children[0];
  return [
    'blockdev-reopen',
    {
      options: [
        {
          driver: node.format,
          'node-name': node.name,
          ...(below === undefined ? {} : { file: below }),
          ...(node.backing === undefined ? {} : { backing: node.backing }),
          ...(node.readOnly ? { 'read-only': true } : {}),
          ...draw.sometimes(0.5, { discard: draw.oneOf(['ignore', 'unmap']) }),
          ...draw.sometimes(0.3, { cache: { direct: false, 'no-flush': draw.chance(0.5) } }),
        },
      ],
    },
  ];
}

/**
 * The header names the same file as before, so that it is known what a reader of the image sees. Only where both are
 * qcow2: QEMU writes down the overlay's own format as that of the backing file.
 */
function nameBackingFile(draw: Draw, situation: Situation): Made {
  const isQcow2 = (name: string | undefined): boolean =>
    situation.nodes.some((node) => node.name === name && node.disk !== undefined && node.driver === 'qcow2');
  const image = draw.anyOf(situation.nodes.filter(({ name, backing }) => isQcow2(name) && isQcow2(backing)));
  const top = image && topOf(situation, image.name);
  if (!top || image.backing === undefined) return undefined;
  return [
    'change-backing-file',
    {
      device: deviceArgument(top),
      'image-node-name': image.name,
      'backing-file': { path: image.backing },
    },
  ];
}

/** The node of the chain that none is an overlay of. What is guessed may go in a circle, though QEMU never does. */
function topOf({ nodes }: Situation, from: string): GuessedNode | undefined {
  const seen: string[] = [];
  let node = nodes.find(({ name }) => name === from);
  while (node && !seen.includes(node.name)) {
    const { name }: GuessedNode = node;
    seen.push(name);
    const above = nodes.find(({ backing }) => backing === name);
    if (!above) return node;
    node = above;
  }
  return undefined;
}

/** A device that a job works on, or a client of an export sees, can't change its size. */
function resize(draw: Draw, situation: Situation): Made {
  const node = draw.anyOf(
    imageNodes(situation).filter(
      (each) =>
        isOdd(draw, situation) ||
        (each.disk !== undefined &&
          !each.readOnly &&
          each.frontend !== 'export' &&
          !isInUse(situation, each.name)),
    ),
  );
  if (!node) return undefined;
  const size = draw.oneOf([node.sizeBytes + 65_536, node.sizeBytes + 512, 2 ** 20, 2 ** 21] as const);
  return ['block_resize', { 'node-name': node.name, size: Math.max(size, node.sizeBytes) }];
}

function moveToThread(draw: Draw, situation: Situation): Made {
  const free = imageNodes(situation).filter(
    ({ name, frontend }) =>
      isOdd(draw, situation) ||
      (frontend === 'none' && !isBusy(situation, name) && !isInUse(situation, name)),
  );
  const node = draw.anyOf(free);
  const threads = situation.arena.iothreads ?? [];
  if (!node || threads.length === 0) return undefined;
  return [
    'x-blockdev-set-iothread',
    {
      'node-name': node.name,
      iothread: draw.oneOf([null, threads[0] ?? null]),
      ...draw.sometimes(0.2, { force: true }),
    },
  ];
}

/** Quorum is the only driver whose children come and go. */
function changeChildren(draw: Draw, situation: Situation): Made {
  const parent = draw.anyOf(
    situation.nodes.filter(({ driver, children }) => driver === 'quorum' && children.length > 0),
  );
  if (!parent) return undefined;
  const free = imageNodes(situation).filter(
    (node) => node.sizeBytes === parent.sizeBytes && !isInUse(situation, node.name),
  );
  const node = draw.anyOf(free);
  return node && draw.chance(0.6)
    ? ['x-blockdev-change', { parent: parent.name, node: node.name }]
    : ['x-blockdev-change', { parent: parent.name, child: `children.${parent.children.length - 1}` }];
}

const makers: [Maker, ...Maker[]] = [
  add,
  add,
  del,
  del,
  reopen,
  resize,
  moveToThread,
  changeChildren,
  nameBackingFile,
  nameBackingFile,
];
