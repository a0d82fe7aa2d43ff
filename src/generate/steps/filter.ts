import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { freshName, imageNodes, isBusy, nodeArgument } from './candidates.ts';
import { command, hasDriver, only } from './command.ts';

/** A filter, or a node much like one, over a node that is there: a job may then have it as its source or target. */
export function filter(draw: Draw, situation: Situation): Step[] | undefined {
  const added = situation.nodes.filter(({ origin }) => origin === 'added');
  if (added.length >= limits.maxAddedNodes) return undefined;
  const below = draw.anyOf(
    imageNodes(situation).filter(
      (node) => node.sizeBytes > 0 && node.driver !== 'quorum' && !isBusy(situation, node.name),
    ),
  );
  if (!below) return undefined;
  const options = draw.oneOf(kinds)(draw, situation, below);
  if (!options || !hasDriver(situation.binary, `${options.driver}`)) return undefined;
  const name = freshName(situation, 'x');
  return only(command(draw, situation, 'blockdev-add', { 'node-name': name, ...options }));
}

type Kind = (draw: Draw, situation: Situation, below: GuessedNode) => JsonObject | undefined;

const over = (driver: string, below: GuessedNode, more: JsonObject = {}): JsonObject => ({
  driver,
  file: nodeArgument(below),
  ...(below.readOnly ? { 'read-only': true } : {}),
  ...more,
});

const throttle: Kind = (_, { arena }, below) => {
  const [group] = arena.throttleGroups ?? [];
  return group === undefined ? undefined : over('throttle', below, { 'throttle-group': group });
};

const compress: Kind = (_, __, below) =>
  below.driver === 'qcow2' && !below.readOnly ? over('compress', below) : undefined;

const copyOnRead: Kind = (_, __, below) => (below.readOnly ? undefined : over('copy-on-read', below));

const copyBeforeWrite: Kind = (draw, situation, below) =>
  below.readOnly
    ? undefined
    : over('copy-before-write', below, {
        target: fresh(situation, 'old', below, draw.oneOf(['qcow2', 'raw'])),
        ...ofBitmap(draw, situation, below),
        ...draw.sometimes(0.2, { 'on-cbw-error': 'break-snapshot' }),
        ...draw.sometimes(0.2, { discard: 'unmap' }),
      });

/** Only what it has is kept. */
function ofBitmap(draw: Draw, { bitmaps }: Situation, { name }: GuessedNode): JsonObject {
  const bitmap = draw.anyOf(bitmaps.filter(({ node }) => node === name));
  return bitmap ? draw.sometimes(0.6, { bitmap: { node: name, name: bitmap.name } }) : {};
}

const past: Kind = (draw, { nodes }) => {
  const node = draw.anyOf(nodes.filter(({ driver }) => driver === 'copy-before-write'));
  return node && { driver: 'snapshot-access', file: node.name };
};

const logged: Kind = (_, situation, below) =>
  below.readOnly
    ? undefined
    : over('blklogwrites', below, {
        log: { newDisk: freshName(situation, 'log'), format: 'raw', sizeBytes: 2 ** 24 },
      });

const raw: Kind = (_, __, below) => over('raw', below);

const window: Kind = (draw, _, below) => {
  const offset = draw.oneOf([0, 512, 65_536]);
  const size = below.sizeBytes - (below.sizeBytes % 512) - offset - draw.oneOf([512, 4096]);
  return size > 0 ? over('raw', below, { offset, size }) : undefined;
};

const kinds = [throttle, compress, copyOnRead, copyBeforeWrite, past, past, logged, raw, window] as const;

/** Empty, and as large as what is below. */
const fresh = (situation: Situation, prefix: string, { sizeBytes }: GuessedNode, format: Json): Json => ({
  newDisk: freshName(situation, prefix),
  format,
  sizeBytes,
});
