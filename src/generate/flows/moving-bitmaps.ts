import { hasTrait } from '../../qemu/versions.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { pair } from '../arenas/pair.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Binary } from '../situation.ts';
import { command, only } from '../steps/command.ts';
import { type Flow, type Part, send, sometimes } from './flow.ts';
import {
  arrived,
  back,
  bitmap,
  bitmapMapping,
  canMigrate,
  capabilities,
  events,
  migrate,
  over,
} from './migrating.ts';

/**
 * A guest has written, and the machine leaves with its bitmaps, renamed or made persistent on the way, or comes to nothing:
 * the image's file says in the end what became of them.
 */
export const movingBitmaps: Flow = {
  name: 'moving bitmaps',
  weight: 2,
  suits: canMigrate,
  arena: (draw, binary) => {
    const isAwaited = draw.chance(0.6) && binary.without?.has('destination QEMU') !== true;
    return { ...written(draw, binary), ...(isAwaited ? { incoming: 'shared' } : {}) };
  },
  parts: (draw, binary) => [
    draw.chance(0.8) ? capabilities('events', 'dirty-bitmaps') : events,
    bitmap,
    writes(draw),
    'hole',
    ...sometimes(draw, 0.5, mapping(draw, binary)),
    guestLeaves,
    migrate(draw.chance(0.75) ? 'taken' : 'lost'),
    ...sometimes(draw, 0.2, send('migrate_cancel')),
    over('completed'),
    arrived,
    ...sometimes(draw, 0.5, back),
  ],
};

const written: ArenaMaker = (draw, binary) => {
  const { disks, ...arena } = pair({ guest: true })(draw, binary);
  return {
    ...arena,
    disks: disks.map((disk) =>
      disk.name === 'src'
        ? { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20, fill: 'seeded', frontend: 'nbd' }
        : disk,
    ),
  };
};

const writes =
  (draw: Draw): Part =>
  () => {
    const lengthBytes = draw.oneOf([512, 4096, 65_536]);
    const offsetBytes = draw.oneOf([0, 65_024, 262_144]);
    return [{ guest: draw.oneOf(['write', 'write', 'zero']), disk: 'src', offsetBytes, lengthBytes }];
  };

/** The destination has nodes of the same names, and no mapping of its own: an alias of the node is its name. */
const mapping = (draw: Draw, { version }: Binary): Part =>
  bitmapMapping({
    alias: draw.oneOf(['moved', 'arrived']),
    ...draw.sometimes(hasTrait(version, 'bitmaps changed on their way') ? 0.6 : 0, {
      transform: { persistent: draw.chance(0.7) },
    }),
  });

/** A writable export keeps the machine here. */
const guestLeaves: Part = (draw, situation) => [
  ...(only(command(draw, situation, 'block-export-del', { id: 'export-src', mode: 'hard' })) ?? []),
  { await: { event: 'BLOCK_EXPORT_DELETED' }, deadlineMs: limits.migrationDeadlineMs },
];
