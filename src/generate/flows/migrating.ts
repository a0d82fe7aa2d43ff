import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { chain } from '../arenas/chain.ts';
import { pair } from '../arenas/pair.ts';
import { guestWorkload } from '../guest-workload.ts';
import { limits } from '../limits.ts';
import type { Binary } from '../situation.ts';
import { command, offers, only } from '../steps/command.ts';
import type { StepMaker } from '../steps/families.ts';
import { startBackup } from '../steps/start-backup.ts';
import { startCommit } from '../steps/start-commit.ts';
import { startMirror } from '../steps/start-mirror.ts';
import { startStream } from '../steps/start-stream.ts';
import { type Part, send } from './flow.ts';
import { movingArena } from './nbd-migration.ts';

export const canMigrate = ({ schema }: Binary): boolean => schema.commands.has('migrate');

const bootableBytes = 2 ** 20;

/** A guest on a disk, and a target of its size. */
export const bootablePair: ArenaMaker = (draw) => ({
  machine: 'pc',
  disks: [
    {
      name: 'src',
      format: draw.oneOf(['qcow2', 'raw'] as const),
      sizeBytes: bootableBytes,
      fill: 'seeded',
      bootable: true,
      frontend: 'virtio',
    },
    { name: 'dst', format: draw.oneOf(['qcow2', 'raw'] as const), sizeBytes: bootableBytes },
  ],
});

/** Nobody has a disk open for writing but jobs, so that the machine can leave. */
export const quietPair = pair();
export const quietChain = chain({ depth: 2 });

export const capabilities = (...names: readonly string[]): Part =>
  send('migrate-set-capabilities', {
    capabilities: names.map((capability) => ({ capability, state: true })),
  });
export const events = capabilities('events');

export const migrate =
  (whither: 'taken' | 'lost'): Part =>
  (draw, situation) => {
    if (whither !== 'lost' && situation.arena.incoming !== undefined)
      return only(command(draw, situation, 'migrate', { uri: { incoming: 'uri' } }));
    if (whither === 'lost') return only(command(draw, situation, 'migrate', { uri: 'exec:false' }));
    const canName = offers(situation, 'migrate', 'channels') && draw.chance(0.5);
    return only(
      command(draw, situation, 'migrate', canName ? { channels: [toFile] } : { uri: 'exec:cat >/dev/null' }),
    );
  };

/** MigrationChannel, since 8.2. */
const toFile: Json = {
  'channel-type': 'main',
  addr: { transport: 'file', filename: { newFile: 'machine.state' }, offset: 0 },
};

/** The state is waited for, and asked for. */
export const over =
  (status: string): Part =>
  (draw, situation) => [
    { await: { event: 'MIGRATION', data: { status } }, deadlineMs: limits.migrationDeadlineMs },
    ...(only(command(draw, situation, 'query-migrate')) ?? []),
  ];

/** The machine goes on here. */
export const back: Part = (draw, situation) => [
  ...(only(command(draw, situation, 'cont')) ?? []),
  ...(draw.chance(0.6)
    ? (only(command(draw, situation, 'query-named-block-nodes', { flat: true })) ?? [])
    : []),
];

export const overlay: Part = (draw, situation) => {
  const below = situation.nodes.find(({ name }) => name === 'src');
  if (!below || below.sizeBytes % 512 !== 0) return undefined;
  const made = { newDisk: 'saved', format: 'qcow2', sizeBytes: below.sizeBytes };
  return only(command(draw, situation, 'blockdev-snapshot', { node: 'src', overlay: made }));
};

export const bitmap: Part = (draw, situation) =>
  only(
    command(draw, situation, 'block-dirty-bitmap-add', {
      node: 'src',
      name: 'moved',
      ...draw.sometimes(0.5, { persistent: true }),
    }),
  );

/** Which bitmaps go along, and how they are called on the way: `src` is known by that name at both ends. */
export const bitmapMapping =
  (how: JsonObject = { alias: 'moved' }): Part =>
  (draw, situation) => {
    const bitmaps = [{ name: 'moved', ...how }];
    if (!offers(situation, 'migrate-set-parameters', 'block-bitmap-mapping')) return undefined;
    return only(
      command(draw, situation, 'migrate-set-parameters', {
        'block-bitmap-mapping': [{ 'node-name': 'src', alias: 'src', bitmaps }],
      }),
    );
  };

/** It runs there; a source that goes on all the same finds its disks taken where both reach them. */
export const arrived: Part = (_, { arena }) =>
  arena.incoming === undefined ? undefined : [{ await: 'arrived', deadlineMs: limits.migrationDeadlineMs }];

/** The machine's disks, and a second QEMU that waits for it: with the same disks, or with one of its own. */
export const awaited: ArenaMaker = (draw, binary) =>
  draw.chance(0.4)
    ? { ...draw.oneOf([quietPair, quietChain])(draw, binary), incoming: 'shared' }
    : { ...movingArena(draw, binary), incoming: 'own' };

/** Never beside a job: what becomes of that is known. */
export const active =
  (is: boolean, node: string | undefined): Part =>
  (draw, situation) =>
    is || situation.jobs.length === 0
      ? only(
          command(draw, situation, 'blockdev-set-active', {
            active: is,
            ...(node === undefined ? {} : { 'node-name': node }),
          }),
        )
      : undefined;

export const startAny: StepMaker = (draw, situation) =>
  draw.oneOf([startMirror, startMirror, startBackup, startCommit, startStream])(draw, situation) ??
  startMirror(draw, situation);

/** One with a rate limit: most others are over before the next command is. */
export const startHeld: Part = (draw, situation) =>
  startAny(draw, { ...situation, habits: { ...situation.habits, slow: 1 } });

/** No limit holds the jobs any more: whatever they still have to copy, they copy now. */
export const jobsGoOn: Part = (draw, situation) =>
  situation.jobs
    .filter(({ held, endless }) => held && !endless)
    .flatMap(({ id, becomesReady }) => [
      ...(only(command(draw, situation, 'block-job-set-speed', { device: id, speed: 0 })) ?? []),
      { await: becomesReady ? 'READY' : 'gone', job: id, deadlineMs: limits.finishMirrorDeadlineMs },
    ]);

/** A few requests that are over before the next part. */
export const writes: Part = (draw) =>
  guestWorkload(draw, 'random', { disk: 'src', sizeBytes: bootableBytes, requests: 2 }).filter(
    (step) => 'guest' in step && step.guest !== 'discard',
  );
