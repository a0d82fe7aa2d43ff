import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import { disks as disksPass } from '../passes/disks.ts';
import type { Proposal } from './ablation.ts';

/** Every disk and layer left out, what is particular of a disk left out or made ordinary. */
export function arenaAblations(sequence: Sequence): Proposal[] {
  const { disks } = sequence.arena;
  const gone = disksPass.sites(sequence, {}).reverse();
  return disks.flatMap((disk, i) => [
    ...(disks.length > 1 ? [{ what: `without disk ${disk.name}`, change: gone[i]?.[0] ?? [] }] : []),
    ...ofDisk(disk, ['arena', 'disks', i]),
  ]);
}

function ofDisk(disk: Disk, path: (string | number)[]): Proposal[] {
  const { name, layers = [], ...members } = disk;
  const set = (key: keyof Disk, to: Json): Proposal => ({
    what: `${name}: ${key} ${to}`,
    change: [{ path: [...path, key], to }],
  });
  const drop = (key: keyof Disk, what: string): Proposal[] =>
    members[key as keyof typeof members] === undefined
      ? []
      : [{ what: `${name} ${what}`, change: [{ path: [...path, key] }] }];
  return [
    ...layers.map((layer, i) => ({
      what: `${name} without ${Object.keys(layer)[0]}`,
      change: [{ path: [...path, 'layers', i] }],
    })),
    ...drop('backing', 'without its backing image'),
    ...drop('iothread', 'in the main loop'),
    ...drop('frontend', 'without a guest'),
    ...drop('storage', 'in a local file'),
    ...drop('clusterBytes', 'with clusters of 64 KiB'),
    ...drop('readOnly', 'writable'),
    ...(disk.format === 'qcow2' ? [rawDisk(disk, path)] : [set('format', 'qcow2')]),
    ...(disk.fill === 'full' ? [set('fill', 'empty')] : [set('fill', 'full')]),
    ...(disk.sizeBytes === usualBytes ? [] : [{ ...set('sizeBytes', usualBytes), what: `${name} of 1 MiB` }]),
  ];
}

/** A raw image has neither a backing file nor clusters, and never fills up. */
function rawDisk({ name, backing, clusterBytes, layers }: Disk, path: (string | number)[]): Proposal {
  const room = (layers ?? []).findIndex((layer) => 'room' in layer);
  return {
    what: `${name}: format raw`,
    change: [
      { path: [...path, 'format'], to: 'raw' },
      ...(backing === undefined ? [] : [{ path: [...path, 'backing'] }]),
      ...(clusterBytes === undefined ? [] : [{ path: [...path, 'clusterBytes'] }]),
      ...(room === -1 ? [] : [{ path: [...path, 'layers', room] }]),
    ],
  };
}

const usualBytes = 2 ** 20;
