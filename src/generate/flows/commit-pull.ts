import type { JsonObject } from '../../sequence/json-object.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { chain } from '../arenas/chain.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { backingFile } from '../steps/backing-file.ts';
import { command, only } from '../steps/command.ts';
import { type Flow, living, type Part, send, sometimes, untilDismissed, untilReady } from './flow.ts';

/** A chain whose nodes are all open, as libvirt has them, so that they can be named. */
const openChain: ArenaMaker = (draw, binary) => {
  const { disks } = chain({ depth: draw.int(2, 4), guest: true })(draw, binary);
  return {
    disks: disks
      .filter(({ name }) => name !== 'dst')
      .map(({ open: _, ...disk }) => ({ ...disk, ...(disk.name === 'src' ? { frontend: 'nbd' } : {}) })),
  };
};

/** `virsh blockcommit`: of a layer in between, or of what the guest writes to, which ends in a pivot. */
export const blockcommit: Flow = {
  name: 'blockcommit',
  weight: 2,
  arena: openChain,
  parts(draw) {
    const id = 'commit-src';
    return [
      ...snapshotFirst(draw),
      'hole',
      commit(id, draw.chance(0.4)),
      'hole',
      (inner, situation) =>
        living(situation, id)?.becomesReady
          ? [
              ...((untilReady(id) as Exclude<Part, 'hole'>)(inner, situation) ?? []),
              ...(only(command(inner, situation, 'job-complete', { id })) ?? []),
            ]
          : [],
      ...sometimes(draw, 0.5, 'hole'),
      untilDismissed(id),
      ...sometimes(draw, 0.5, deleteOne, 'hole'),
    ];
  },
};

/** `virsh blockpull`, from a base on or of everything. */
export const blockpull: Flow = {
  name: 'blockpull',
  weight: 2.5,
  arena: openChain,
  parts(draw) {
    const id = 'pull-src';
    return [
      ...snapshotFirst(draw),
      'hole',
      pull(id),
      'hole',
      untilDismissed(id),
      ...sometimes(draw, 0.5, deleteOne, 'hole'),
    ];
  },
};

/** An overlay made by qemu-img, opened without its backing file, and then put on top. */
const snapshotFirst = (draw: Draw): readonly Part[] =>
  sometimes(draw, 0.4, (inner, situation) => {
    const below = situation.nodes.find(({ name }) => name === 'src');
    if (!below) return undefined;
    const overlay = { newDisk: 'snap', format: 'qcow2', sizeBytes: below.sizeBytes };
    return only(command(inner, situation, 'blockdev-snapshot', { node: 'src', overlay }));
  });

const chainOf = ({ nodes }: Situation): string[] => {
  const named = new Map(nodes.map((node) => [node.name, node]));
  const down = (name: string | undefined): string[] =>
    name !== undefined && named.has(name) ? [name, ...down(named.get(name)?.backing)] : [];
  return down(named.has('snap') ? 'snap' : 'src');
};

const commit =
  (id: string, active: boolean): Part =>
  (draw, situation) => {
    const nodes = chainOf(situation);
    const top = active ? 0 : draw.int(0, Math.max(0, nodes.length - 2));
    const base = draw.int(top + 1, nodes.length - 1);
    if (!nodes[top] || !nodes[base]) return undefined;
    return only(
      command(draw, situation, 'block-commit', {
        ...common(draw, situation, id, nodes[0] as string),
        'top-node': nodes[top],
        'base-node': nodes[base],
        ...(top === 0 ? {} : headers(draw, situation, nodes[base])),
      }),
    );
  };

const pull =
  (id: string): Part =>
  (draw, situation) => {
    const nodes = chainOf(situation);
    const base = draw.chance(0.6) ? nodes[draw.int(1, nodes.length - 1)] : undefined;
    return only(
      command(draw, situation, 'block-stream', {
        ...common(draw, situation, id, nodes[0] ?? 'src'),
        ...(base === undefined ? {} : { 'base-node': base, ...headers(draw, situation, base) }),
      }),
    );
  };

/** What the overlay's header says afterwards: libvirt names the file, and masks protocols since 9.0. */
const headers = (draw: Draw, situation: Situation, base: string): JsonObject => ({
  ...(draw.chance(0.6) ? backingFile(draw, situation, base) : {}),
  ...draw.sometimes(0.9, { 'backing-mask-protocol': true }),
});

const common = (draw: Draw, { habits }: Situation, id: string, device: string): JsonObject => ({
  'job-id': id,
  device,
  'auto-finalize': true,
  'auto-dismiss': false,
  ...draw.sometimes(habits.slow / 2, { speed: draw.oneOf(limits.slowSpeeds) }),
});

/** What is not part of the chain any more is closed; QEMU refuses what still is. */
const deleteOne: Part = (draw, situation) => {
  const name = draw.anyOf(chainOf(situation).slice(1));
  return name === undefined ? undefined : send0('blockdev-del', { 'node-name': name })(draw, situation);
};

const send0 = (name: string, args: JsonObject) => send(name, args) as Exclude<Part, 'hole'>;
