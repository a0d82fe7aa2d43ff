import type { Step } from '../../sequence/step.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { drawTargetShape } from '../arenas/disk-shape.ts';
import { arenaOf, bare, type FilterKind, withFilter } from '../arenas/filter-stack.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import type { Situation } from '../situation.ts';
import { command, hasDriver, only } from '../steps/command.ts';
import { startCommit } from '../steps/start-commit.ts';
import { startMirror } from '../steps/start-mirror.ts';
import { startStream } from '../steps/start-stream.ts';
import { type Flow, type Part, sometimes } from './flow.ts';

/** A disk that a guest reaches by way of a filter gets overlays: from then on the filter lies within a chain that jobs work on. */
export const overFilter: Flow = {
  name: 'over a filter',
  weight: 6,
  suits: (binary) => kinds.some((kind) => hasDriver(binary, kind)),
  arena: (draw, binary) => arena(draw, binary),
  parts: (draw) => [
    ...sometimes(draw, 0.3, 'hole'),
    overlay('above'),
    ...sometimes(draw, 0.4, 'hole'),
    ...sometimes(draw, 0.4, overlay('higher')),
    ...(draw.chance(0.45) ? [downToFilter] : []),
    (inner, situation) =>
      inner.oneOf([startStream, startStream, startCommit, startCommit, startMirror])(inner, situation) ??
      startMirror(inner, situation),
    'hole',
    'hole',
  ],
};

const kinds = ['throttle', 'copy-on-read', 'copy-before-write'] as const satisfies readonly FilterKind[];

const arena: ArenaMaker = (draw, binary) => {
  const size = 2 ** 20;
  const kind = draw.anyOf(kinds.filter((each) => hasDriver(binary, each))) ?? 'throttle';
  const src = { name: 'src', format: 'qcow2', sizeBytes: size, fill: 'seeded', frontend: 'nbd' } as const;
  const isChain = draw.chance(0.5);
  const below = { name: 'base', format: draw.oneOf(['qcow2', 'raw'] as const), sizeBytes: size } as const;
  const stack = withFilter(draw, binary, bare({ ...src, ...(isChain ? { backing: 'base' } : {}) }), kind);
  const made = arenaOf([stack, bare({ name: 'dst', ...drawTargetShape(draw, size) })]);
  return isChain ? { ...made, disks: [{ ...below, fill: 'seeded' }, ...made.disks] } : made;
};

/** What lies above the filter is streamed up, or committed down to it: the filter is named as the base. */
const downToFilter: Part = (draw, situation) => {
  const filter = situation.nodes.find(({ name, over }) => over && situation.nodes.some(isOn(name)));
  const top =
    filter && situation.nodes.find(({ name, frontend }) => frontend !== 'none' && name !== filter.name);
  if (!top) return undefined;
  return draw.oneOf([stream, commit])(draw, situation, top.name, filter.name);
};

const isOn =
  (name: string) =>
  ({ backing }: GuessedNode): boolean =>
    backing === name;

type Downwards = (draw: Draw, situation: Situation, top: string, base: string) => Step[] | undefined;
const stream: Downwards = (draw, situation, device, base) =>
  only(command(draw, situation, 'block-stream', { 'job-id': 'down', device, 'base-node': base }));
const commit: Downwards = (draw, situation, device, base) =>
  only(command(draw, situation, 'block-commit', { 'job-id': 'down', device, 'base-node': base }));

/** Over what the guest reaches its disk by. */
const overlay =
  (name: string): Part =>
  (draw, situation) => {
    const top = situation.nodes.find(
      ({ frontend, sizeBytes }) => frontend !== 'none' && sizeBytes % 512 === 0,
    );
    if (!top || situation.jobs.length > 0) return undefined;
    const made = { newDisk: name, format: 'qcow2', sizeBytes: top.sizeBytes };
    return only(command(draw, situation, 'blockdev-snapshot', { node: top.name, overlay: made }));
  };
