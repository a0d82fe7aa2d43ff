import type { ArenaNode } from '../../sequence/arena.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import type { Draw } from '../draw.ts';
import type { Binary } from '../situation.ts';
import { command, hasDriver, offers, only } from '../steps/command.ts';
import { type Flow, living, type Part, send, sometimes } from './flow.ts';

const sizeBytes = 2 ** 20;

/** A guest behind a copy-before-write filter, whose target may be slow, and the past beside it. */
const arena: ArenaMaker = (draw) => {
  const onError = draw.oneOf(['break-snapshot', 'break-snapshot', 'break-guest-write'] as const);
  const filter = {
    'node-name': 'cbw',
    driver: 'copy-before-write',
    file: 'src',
    target: 'old',
    ...(onError === 'break-snapshot' || draw.chance(0.7) ? { 'on-cbw-error': onError } : {}),
    ...draw.sometimes(0.5, { 'cbw-timeout': 1 }),
  } as ArenaNode;
  return {
    disks: [
      { name: 'src', format: 'raw', sizeBytes, fill: 'full', frontend: 'nbd', through: 'cbw' },
      {
        name: 'old',
        format: draw.oneOf(['raw', 'raw', 'qcow2'] as const),
        sizeBytes,
        layers: [{ throttle: {} }],
      },
      { name: 'dst', format: draw.oneOf(['raw', 'qcow2'] as const), sizeBytes },
    ],
    nodes: [filter, { 'node-name': 'past', driver: 'snapshot-access', file: 'cbw' } as ArenaNode],
  };
};

const suits = (binary: Binary): boolean =>
  ['copy-before-write', 'snapshot-access'].every((driver) => hasDriver(binary, driver)) &&
  offers({ binary }, 'blockdev-reopen');

/** What the guest overwrites can't be saved: not at all, or not within cbw-timeout. The write or the snapshot gives way. */
export const unsaved: Flow = {
  name: 'unsaved',
  suits,
  arena,
  parts: (draw) => [
    ...sometimes(draw, 0.5, copyOfThePast(draw)),
    ...sometimes(draw, 0.6, writes(draw, 0)),
    trouble(draw.chance(0.3)),
    writes(draw, 4),
    ...sometimes(draw, 0.5, writes(draw, 8)),
    ...sometimes(draw, 0.4, writes(draw, 4)),
    over,
    ...sometimes(draw, 0.5, writes(draw, 12)),
    ended,
  ],
};

const copyOfThePast = (draw: Draw): Part =>
  send(draw.chance(0.7) ? 'blockdev-backup' : 'blockdev-mirror', {
    'job-id': 'copied',
    device: 'past',
    target: 'dst',
    sync: 'full',
    ...draw.sometimes(0.6, { speed: 65_536 }),
  });

/** In the cluster of that number. */
const writes = (draw: Draw, cluster: number): Part => {
  const op = draw.oneOf(['write', 'write', 'zero'] as const);
  const offsetBytes = cluster * 65_536 + draw.oneOf([0, 512, 65_024]);
  const lengthBytes = draw.oneOf([512, 4096, 65_536]);
  return () => [{ guest: op, disk: 'src', offsetBytes, lengthBytes }];
};

/** A throttle lets the first request through whatever its limit, so another comes before the one that is looked at. */
const trouble =
  (isSlow: boolean): Part =>
  (_, { arena: { nodes = [] } }) =>
    isSlow && nodes.some((node) => node['cbw-timeout'] !== undefined)
      ? [
          { fault: 'throttle', disk: 'old', bytesPerSecond: 1024 },
          { guest: 'write', disk: 'src', offsetBytes: 2 ** 19 + 2 ** 18, lengthBytes: 512 },
        ]
      : [{ fault: 'inject', disk: 'old', iotype: 'write', errno: 'EIO' }];

const over: Part = (_, { faulty, throttled }) => [
  ...(throttled.includes('old') ? [{ fault: 'unthrottle', disk: 'old' } as const] : []),
  ...(faulty.includes('old') ? [{ fault: 'lift', disk: 'old' } as const] : []),
];

const ended: Part = (draw, situation) => {
  if (!living(situation, 'copied')) return undefined;
  return only(command(draw, situation, 'job-cancel', { id: 'copied' }));
};
