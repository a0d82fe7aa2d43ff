import type { Disk, Fill } from '../../../sequence/arena.ts';
import type { JsonObject } from '../../../sequence/json-object.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import { drawTargetShape } from '../../arenas/disk-shape.ts';
import type { Draw } from '../../draw.ts';
import { guestWorkload } from '../../guest-workload.ts';
import { limits } from '../../limits.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startBackup } from '../../steps/start-backup.ts';
import { startCommit } from '../../steps/start-commit.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import { startStream } from '../../steps/start-stream.ts';
import type { Flow, Part } from '../flow.ts';
import { startOne } from './start.ts';
import { toTheEnd } from './to-the-end.ts';

/**
 * Copies of layers whose lengths are no multiple of a cluster, a chunk or a sector, that are shorter or longer than what
 * lies on them, and whose zeroes hide data: all of it arrives, to the last byte. One job after another, and nothing else.
 */
export const endsRound: Flow = {
  name: 'ends round',
  arena: (draw, binary) => oddLayers(draw, binary),
  parts: (draw) => [
    ...(draw.chance(0.3) ? [writtenAtTheEnd] : []),
    ...Array.from({ length: draw.int(1, 3) }, () => [begun, toTheEnd]).flat(),
  ],
};

/** What a disk is long: no power of two in any of them. Few, so that templates are mostly there. */
const lengths = [2 ** 20 + 512, 2 ** 20 + 65_536 + 1536, 100_352, 2 ** 19 - 4096] as const;
/** What a base is longer by. */
const differences = [0, 0, 0, 66_048, -66_048, 512, -512] as const;
/** The first cluster alone: the end of what stands below is seen. */
const head: Fill = { runs: [[0, 65_536]] };
const topFills: [Fill, ...Fill[]] = ['empty', 'empty', 'empty', head, head, 'seeded'];
const midFills: [Fill, ...Fill[]] = ['empty', head, 'full', 'full', 'seeded'];
/** What a raw file ends in the middle of. */
const withinASector = [0, 0, 200, 511] as const;

const oddLayers: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf(lengths);
  const depth = draw.oneOf([2, 3] as const);
  const format = draw.oneOf(['qcow2', 'raw'] as const);
  const baseBytes = sizeBytes + draw.oneOf(differences);
  const base: Disk = {
    name: 'base',
    format,
    sizeBytes: format === 'raw' ? baseBytes - draw.oneOf(withinASector) : baseBytes,
    fill: draw.oneOf(['full', 'full', 'seeded'] as const),
  };
  const overlay = (name: string, backing: string): Disk => {
    const fill = draw.oneOf(name === 'src' ? topFills : midFills);
    return {
      name,
      format: 'qcow2',
      sizeBytes,
      fill,
      backing,
      ...(draw.chance(0.15) ? { clusterBytes: draw.oneOf([512, 4096, 2 ** 21]) } : {}),
      ...(fill !== 'full' && draw.chance(0.35) ? { zeroes: [zeroesOf(draw, sizeBytes)] } : {}),
    };
  };
  const frontend = draw.chance(0.5) ? ({ frontend: 'nbd' } as const) : {};
  return {
    disks: [
      base,
      ...(depth === 3 ? [overlay('mid1', 'base')] : []),
      { ...overlay('src', depth === 3 ? 'mid1' : 'base'), ...frontend },
      { name: 'dst', ...drawTargetShape(draw, sizeBytes), fill: draw.oneOf(['empty', 'full'] as const) },
    ],
  };
};

/** All of it, or its second half with the end. */
const zeroesOf = (draw: Draw, sizeBytes: number): [number, number] => {
  const from = draw.chance(0.5) ? 0 : Math.floor(sizeBytes / 1024) * 512;
  return [from, sizeBytes - from];
};

const writtenAtTheEnd: Part = (draw, { arena }) => {
  const disk = arena.disks.find(({ frontend }) => frontend === 'nbd');
  return disk && guestWorkload(draw, 'tail', { disk: disk.name, sizeBytes: disk.sizeBytes, requests: 1 });
};

const makers: [StepMaker, ...StepMaker[]] = [
  startStream,
  startStream,
  startCommit,
  startCommit,
  startMirror,
  startBackup,
];

/** What it copies by is no matter of luck: pieces of a cluster or less, of more, and as QEMU has them. */
const begun: Part = (draw, situation) => {
  if (situation.jobs.length > 0) return undefined;
  const options = (inner: Draw, name: string): JsonObject =>
    name.endsWith('mirror')
      ? {
          ...inner.sometimes(0.5, { granularity: inner.oneOf([512, 4096, 65_536, 2 ** 20]) }),
          ...inner.sometimes(0.5, { 'buf-size': inner.oneOf(limits.slowBufBytes) }),
        }
      : {};
  return startOne(draw, situation, options, [ofTheTop])?.map((step) =>
    // What copies nothing loses nothing.
    step.args?.sync === 'none' ? { ...step, args: { ...step.args, sync: 'full' } } : step,
  );
};

/** Of the chain, where it still is one; of all of it in most cases. */
const ofTheTop: StepMaker = (draw, situation) => {
  const maker = draw.oneOf(makers);
  const chain = situation.nodes.filter(({ name }) => name !== 'dst');
  const target = maker === startMirror || maker === startBackup;
  const [step] = maker(draw, target ? situation : { ...situation, nodes: chain }) ?? [];
  if (!step || !('qmp' in step) || step.qmp !== 'block-stream' || draw.chance(0.3)) return step && [step];
  const { bottom: _, base: __, 'base-node': ___, ...args } = step.args ?? {};
  return [{ ...step, args }];
};
