import type { Arena, ArenaNode, Disk } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import type { Binary } from '../situation.ts';
import { hasDriver } from '../steps/command.ts';

/** A disk of an arena with nodes over it, the topmost last, and the disks that those write to beside it. */
export type Stack = {
  disk: Disk;
  nodes: readonly ArenaNode[];
  beside: readonly Disk[];
  groups: readonly string[];
  /** What is to be seen at the top. */
  top: string;
  sizeBytes: number;
};

export const bare = (disk: Disk): Stack => ({
  disk,
  nodes: [],
  beside: [],
  groups: [],
  top: disk.name,
  sizeBytes: disk.sizeBytes,
});

/** One more node on top; unchanged where the stack is none that it can stand on. */
type Add = (draw: Draw, stack: Stack) => Stack;

const kinds = {
  throttle: (draw, stack) =>
    over(stack, draw, { driver: 'throttle', 'throttle-group': 'group0' }, { groups: ['group0'] }),

  /** Only what writes compressed clusters, and writes none of them twice, can stand below it, and nobody writes twice. */
  compress: (draw, stack) =>
    stack.disk.format === 'qcow2' &&
    stack.nodes.length === 0 &&
    stack.disk.frontend === undefined &&
    stack.sizeBytes % (stack.disk.clusterBytes ?? 65_536) === 0
      ? over(stack, draw, { driver: 'compress' })
      : stack,

  'copy-on-read': (draw, stack) => over(stack, draw, { driver: 'copy-on-read' }),

  'copy-before-write': (draw, stack) => {
    const old = beside(stack, 'old', {
      format: draw.oneOf(['qcow2', 'raw'] as const),
      ...draw.sometimes(0.5, { discard: 'unmap' as const }),
    });
    return over(
      stack,
      draw,
      {
        driver: 'copy-before-write',
        target: old.name,
        ...draw.sometimes(0.4, { 'on-cbw-error': draw.oneOf(['break-guest-write', 'break-snapshot']) }),
        ...draw.sometimes(0.15, { 'cbw-timeout': draw.oneOf([0, 1, 45]) }),
        ...draw.sometimes(0.4, { discard: 'unmap' }),
      },
      { beside: [old] },
    );
  },

  /** Both must hold the same from the start: QEMU ends where they differ. */
  blkverify: (draw, stack) => {
    if (stack.disk.backing !== undefined || stack.nodes.length > 0) return stack;
    const twin = beside(stack, 'twin', { format: 'raw' });
    const disk: Disk = { ...stack.disk, fill: 'empty' };
    return over(
      { ...stack, disk },
      draw,
      { driver: 'blkverify', test: stack.top, raw: twin.name },
      { beside: [twin] },
    );
  },

  blklogwrites: (draw, stack) => {
    const log = beside(stack, 'log', { format: 'raw', sizeBytes: logBytes });
    return over(
      stack,
      draw,
      {
        driver: 'blklogwrites',
        log: log.name,
        ...draw.sometimes(stack.sizeBytes % 4096 === 0 ? 0.3 : 0, { 'log-sector-size': 4096 }),
      },
      { beside: [log] },
    );
  },

  /** A raw node with an offset, or a size, or both. */
  window: (draw, stack) => {
    const sectors = Math.floor(stack.sizeBytes / 512);
    if (sectors < 512 || stack.nodes.length > 0) return stack;
    const offset = draw.oneOf([0, 512, 4096, 65_536]);
    const rest = sectors * 512 - offset;
    const size =
      offset === 0 || draw.chance(0.6) ? rest - draw.oneOf([512, 65_536, 65_536 + 512]) : undefined;
    const options = { driver: 'raw', offset, ...(size === undefined ? {} : { size }) };
    return { ...over(stack, draw, options), sizeBytes: size ?? stack.sizeBytes - offset };
  },

  /** Its children hold the same: nothing, at first. */
  quorum: (draw, stack) => {
    if (stack.disk.backing !== undefined || stack.nodes.length > 0) return stack;
    const count = draw.int(1, 2);
    const others = Array.from({ length: count }, (_, i) =>
      beside(stack, `vote${i}`, { format: draw.oneOf(['raw', 'qcow2'] as const) }),
    );
    const disk: Disk = { ...stack.disk, fill: 'empty' };
    const children = [stack.top, ...others.map(({ name }) => name)];
    const options = { driver: 'quorum', 'vote-threshold': draw.int(1, count + 1), children };
    return over({ ...stack, disk }, draw, options, { beside: others });
  },
} satisfies Record<string, Add>;

export type FilterKind = keyof typeof kinds;
export const filterKinds = Object.keys(kinds) as FilterKind[];

/** The stack with that kind of node on it, where the binary has it. */
export const withFilter = (draw: Draw, binary: Binary, stack: Stack, kind: FilterKind): Stack =>
  hasDriver(binary, kind === 'window' ? 'raw' : kind) ? kinds[kind](draw, stack) : stack;

/** What copy-before-write keeps, to be read: a node beside the stack's own. */
export function withPast(binary: Binary, stack: Stack, discards?: { discard: 'unmap' }): Stack {
  const node = stack.nodes.findLast(({ driver }) => driver === 'copy-before-write');
  if (!node || !hasDriver(binary, 'snapshot-access')) return stack;
  const name = `past-${stack.disk.name}`;
  const past = { driver: 'snapshot-access', 'node-name': name, file: node['node-name'], ...discards };
  return { ...stack, nodes: [...stack.nodes, past as ArenaNode] };
}

/** Disks and nodes of several stacks; a guest comes by way of what stands over its disk. */
export function arenaOf(stacks: readonly Stack[]): Arena {
  const disks = stacks.flatMap(({ disk, beside, top }) => [
    ...beside,
    disk.frontend === 'nbd' && top !== disk.name ? { ...disk, through: top } : disk,
  ]);
  const groups = [...new Set(stacks.flatMap((stack) => stack.groups))];
  const nodes = stacks.flatMap((stack) => stack.nodes);
  return {
    ...(groups.length > 0 ? { throttleGroups: groups } : {}),
    disks: disks.toSorted((a, b) => rank(a) - rank(b)),
    ...(nodes.length > 0 ? { nodes } : {}),
  };
}

/** What filters write to comes last: the first disk is the source. */
const rank = ({ name }: Disk): number => (/^(old|twin|log|vote)/.test(name) ? 1 : 0);

/** Its superblock, an entry for each write, and all that is written. */
const logBytes = 2 ** 24;

function over(
  stack: Stack,
  draw: Draw,
  options: { driver: string } & Partial<Record<string, ArenaNode[string]>>,
  more: Partial<Pick<Stack, 'beside' | 'groups'>> = {},
): Stack {
  const name = `${shortOf[options.driver] ?? options.driver}-${stack.disk.name}${stack.nodes.length || ''}`;
  const child = 'children' in options || 'test' in options ? {} : { file: stack.top };
  const node = {
    'node-name': name,
    ...options,
    ...child,
    ...(draw.chance(0.1) && options.driver !== 'blkverify'
      ? { 'detect-zeroes': draw.oneOf(['on', 'off']) }
      : {}),
  } as ArenaNode;
  return {
    ...stack,
    nodes: [...stack.nodes, node],
    beside: [...stack.beside, ...(more.beside ?? [])],
    groups: [...stack.groups, ...(more.groups ?? [])],
    top: name,
  };
}

const shortOf: Readonly<Partial<Record<string, string>>> = {
  'copy-on-read': 'cor',
  'copy-before-write': 'cbw',
  blklogwrites: 'logged',
  blkverify: 'verify',
  raw: 'window',
};

const beside = (
  { disk, sizeBytes, beside: { length: stackSize } }: Stack,
  name: string,
  shape: Partial<Disk> & Pick<Disk, 'format'>,
): Disk => ({
  name: `${name}${stackSize || ''}-${disk.name}`,
  sizeBytes,
  ...shape,
});
