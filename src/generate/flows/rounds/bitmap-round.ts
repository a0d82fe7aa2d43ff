import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import type { ArenaMaker } from '../../arenas/arena-maker.ts';
import type { Draw } from '../../draw.ts';
import { limits } from '../../limits.ts';
import { canInject } from '../../steps/faults.ts';
import type { Flow, Part } from '../flow.ts';
import { send } from '../flow.ts';

type Fate = 'done' | 'fails' | 'cancelled';

/**
 * Backups by one bitmap, which the guest's writes fill anew before each: one ends well, one fails, one is cancelled, in any
 * order, and after each somebody asks what the bitmap says.
 */
export const bitmapRound: Flow = {
  name: 'bitmap round',
  weight: 2,
  arena: (draw, binary) => smallPair(draw, binary),
  parts: (draw) => [
    send('block-dirty-bitmap-add', {
      node: 'src',
      name: bitmap,
      ...draw.sometimes(0.3, { granularity: draw.oneOf([512, 65_536, 2 ** 17]) }),
    }),
    ...draw.oneOf(orders).flatMap((fate) => bout(draw, fate)),
  ],
};

const orders: [Fate[], ...Fate[][]] = [
  ['done', 'fails', 'cancelled'],
  ['fails', 'cancelled', 'done'],
  ['cancelled', 'done', 'fails'],
  ['fails', 'done', 'cancelled'],
];

const bitmap = 'bm0';
const job = 'j0';
const sizeBytes = 2 ** 20;

/** A disk with a guest, and a target that held something else before, or nothing. */
export const smallPair: ArenaMaker = (draw) => ({
  disks: [
    {
      name: 'src',
      format: draw.oneOf(['raw', 'raw', 'qcow2'] as const),
      sizeBytes,
      fill: draw.oneOf(['full', 'seeded'] as const),
      frontend: 'nbd',
    },
    {
      name: 'dst',
      format: draw.oneOf(['raw', 'qcow2'] as const),
      sizeBytes,
      fill: draw.oneOf(['empty', 'full'] as const),
    },
  ],
});

/** The guest writes at two places, so that a backup takes two requests, of which a limit holds the second back. */
function bout(draw: Draw, fate: Fate): Part[] {
  const written = draw.oneOf([
    [0, 2 ** 18],
    [2 ** 18, 2 ** 19],
    [0, 2 ** 20 - 65_536],
  ]);
  return [
    ...written.map((offsetBytes) => guestWrites(draw, offsetBytes)),
    ...(fate === 'fails' ? [writesFail] : []),
    send('blockdev-backup', {
      'job-id': job,
      device: { disk: 'src' },
      target: { disk: 'dst' },
      ...named(draw, fate),
      ...(fate === 'cancelled' ? { speed: 1 } : {}),
    }),
    ...(draw.chance(0.3) ? [guestWrites(draw, 2 ** 17)] : []),
    ...(fate === 'cancelled' ? [send('job-cancel', { id: job })] : []),
    gone,
    ...(fate === 'fails' ? [writesWork] : []),
    send('query-named-block-nodes'),
  ];
}

/** All that BitmapSyncMode says, where that has most to say: of the end that there will be, by the sync mode that reads the bitmap. */
function named(draw: Draw, fate: Fate): JsonObject {
  if (draw.chance(0.25)) return { sync: 'incremental', bitmap };
  const usual = fate === 'done' ? 'on-success' : 'always';
  const mode = draw.oneOf(['on-success', 'never', 'always', usual] as const);
  const sync = mode === 'never' || draw.chance(0.7) ? 'bitmap' : 'full';
  return { sync, bitmap, 'bitmap-mode': mode };
}

const guestWrites = (draw: Draw, offsetBytes: number): Part => {
  const lengthBytes = draw.oneOf([512, 4096, 65_536]);
  return (): Step[] => [{ guest: 'write', disk: 'src', offsetBytes, lengthBytes }];
};

const gone: Part = (_, { jobs }): Step[] =>
  jobs.length === 0 ? [] : [{ await: 'gone', job, deadlineMs: limits.finishMirrorDeadlineMs }];

const writesFail: Part = (_, situation): Step[] =>
  canInject(situation, 'dst') ? [{ fault: 'inject', disk: 'dst', iotype: 'write', errno: 'EIO' }] : [];

const writesWork: Part = (_, { faulty }): Step[] =>
  faulty.includes('dst') ? [{ fault: 'lift', disk: 'dst' }] : [];
