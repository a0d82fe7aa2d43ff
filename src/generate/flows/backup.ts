import type { JsonObject } from '../../sequence/json-object.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { command, only } from '../steps/command.ts';
import type { Action } from '../steps/transaction.ts';
import { action, inTransaction } from './actions.ts';
import { copyArena } from './blockcopy.ts';
import { exportByNbd, type Flow, type Part, send, sometimes, untilDismissed } from './flow.ts';
import { closeTarget, copyDisk, formatNode, openTarget, storageNode } from './target.ts';

const job = 'backup-src';
const arena: ArenaMaker = (draw, binary) => copyArena(draw.int(1, 2))(draw, binary);

/** A backup that is pushed, and the bitmap for the next one made in the same transaction; then an incremental one. */
export const pushBackup: Flow = {
  name: 'push backup',
  weight: 2,
  arena,
  parts: (draw) => [
    openTarget(draw.chance(0.6) ? 'made outside' : 'made by jobs', undefined),
    'hole',
    inTransaction(job, (inner, situation) => [
      ...bitmapAdd(inner, situation, 'chk0'),
      ...backup(inner, situation, { sync: 'full', target: formatNode }),
    ]),
    'hole',
    untilDismissed(job),
    ...sometimes(
      draw,
      0.6,
      'hole',
      inTransaction(job, (inner, situation) => [
        ...bitmapAdd(inner, situation, 'chk1'),
        ...backup(inner, situation, {
          sync: 'incremental',
          bitmap: 'chk0',
          target: { newDisk: 'increment', format: 'qcow2' },
          ...inner.sometimes(0.3, { 'x-perf': { 'max-workers': inner.oneOf([1, 64]) } }),
        }),
      ]),
      'hole',
      untilDismissed(job),
    ),
    ...sometimes(draw, 0.5, closeTarget),
  ],
};

/**
 * A backup that is pulled: a scratch image on top of the disk keeps what the guest overwrites, and is exported by NBD
 * until the client has read it.
 */
export const pullBackup: Flow = {
  name: 'pull backup',
  weight: 2,
  arena: (draw, binary) => {
    const { disks } = arena(draw, binary);
    return { disks: disks.map((disk) => (disk.name === copyDisk ? { ...disk, format: 'qcow2' } : disk)) };
  },
  parts: (draw) => [
    scratch,
    ...sometimes(draw, 0.3, 'hole'),
    inTransaction(job, (inner, situation) => [
      ...(inner.chance(0.6) ? bitmapAdd(inner, situation, 'chk0') : []),
      ...backup(inner, situation, { sync: 'none', target: formatNode }),
    ]),
    'hole',
    exported,
    'hole',
    ...sometimes(draw, 0.5, copyOfScratch, 'hole'),
    send('block-export-del', { id: 'fleece', mode: draw.oneOf(['safe', 'hard'] as const) }),
    ...sometimes(draw, 0.3, 'hole'),
    send('block-job-cancel', { device: job }),
    untilDismissed(job),
    closeTarget,
    ...sometimes(draw, 0.5, 'hole'),
  ],
};

/** On top of the disk itself, so that it shows what the disk held when the job began. */
const scratch: Part = (draw, situation) =>
  [
    command(draw, situation, 'blockdev-add', {
      driver: 'file',
      'node-name': storageNode,
      filename: { path: copyDisk },
    }),
    command(draw, situation, 'blockdev-add', {
      driver: 'qcow2',
      'node-name': formatNode,
      file: storageNode,
      backing: 'src',
    }),
  ].flatMap((step) => step ?? []);

const exported = exportByNbd(formatNode, 'fleece');

/** What a client of the export would read, copied by a job instead: it must be the disk of that moment. */
const copyOfScratch: Part = (draw, situation) =>
  only(
    command(draw, situation, 'blockdev-backup', {
      'job-id': 'pulled',
      device: formatNode,
      target: { newDisk: 'pulled', format: 'qcow2', sizeBytes: bytesOf(situation) },
      sync: 'full',
    }),
  );

const bitmapAdd = (draw: Draw, situation: Situation, name: string): Action[] =>
  action(draw, situation, 'block-dirty-bitmap-add', {
    node: 'src',
    name,
    ...draw.sometimes(situation.habits.options, { granularity: draw.oneOf([512, 65_536]) }),
  });

const backup = (draw: Draw, situation: Situation, options: JsonObject): Action[] =>
  action(draw, situation, 'blockdev-backup', {
    'job-id': job,
    device: 'src',
    'auto-finalize': true,
    'auto-dismiss': false,
    ...draw.sometimes(situation.habits.slow / 2, { speed: draw.oneOf(limits.slowSpeeds) }),
    ...options,
  });

const bytesOf = ({ nodes }: Situation): number => nodes.find(({ name }) => name === 'src')?.sizeBytes ?? 0;
