import type { Disk } from '../../sequence/arena.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { command, offers } from '../steps/command.ts';
import type { Action } from '../steps/transaction.ts';
import { action, inTransaction } from './actions.ts';
import { type Flow, type Part, send, sometimes, untilDismissed } from './flow.ts';

const job = 'backup-src';
const overlays = ['inc1', 'inc2', 'inc3'] as const;
type Target = 'full' | (typeof overlays)[number];

/** A disk with a guest, the file of a full backup, and overlays for what comes after it, each on the last. */
const arena: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([2 ** 20, 2 ** 20, 2 ** 19 + 512]);
  const clusters = draw.sometimes(0.3, { clusterBytes: draw.oneOf([4096, 2 ** 18] as const) });
  const target = (name: Target, backing?: Target): Disk => ({
    name,
    format: 'qcow2',
    sizeBytes,
    open: false,
    ...clusters,
    ...(backing === undefined ? {} : { backing }),
  });
  return {
    disks: [
      { name: 'src', format: sourceFormat(draw), sizeBytes, fill: 'seeded', frontend: 'nbd' },
      target('full'),
      ...overlays.map((name, level) => target(name, below(level))),
    ],
  };
};

const sourceFormat = (draw: Draw): 'qcow2' | 'raw' => draw.oneOf(['qcow2', 'qcow2', 'raw']);
const below = (level: number): Target => overlays[level - 1] ?? 'full';

/**
 * What is the same for all backups of a chain. `merged`: each has a bitmap of its own, merged of those that were made since
 * the last good one, as libvirt does it; else one bitmap lives on, as in Proxmox. `keepsOpen`: an overlay is opened on the
 * node of the last; else each image is closed after its backup.
 */
type Style = { merged: boolean; keepsOpen: boolean; granularity: JsonObject };

type Fate = 'done' | 'fails' | 'cancelled';

/** A full backup, and incremental ones by a bitmap. One that fails or is cancelled is made up for by the next, wherever that goes. */
export const backupChain: Flow = {
  name: 'backup chain',
  weight: 2.5,
  arena,
  parts: (draw) => {
    const granularity = draw.sometimes(0.5, { granularity: draw.oneOf([512, 65_536, 2 ** 17]) });
    const style = { merged: draw.chance(0.4), keepsOpen: draw.chance(0.25), granularity };
    const fates = Array.from({ length: draw.int(1, 3) }, () =>
      draw.oneOf<Fate>(['done', 'fails', 'cancelled']),
    );
    return [
      opened(style, 'full'),
      inTransaction(job, (inner, situation) => [
        ...newBitmap(inner, situation, style, 0),
        ...backup(inner, situation, { sync: 'full', target: 'full-format' }),
      ]),
      untilDismissed(job),
      ...closed(style, 'full'),
      ...incremental(draw, style, [...fates, 'done']),
      ...sometimes(draw, 0.3, 'hole'),
    ];
  },
};

function incremental(draw: Draw, style: Style, fates: readonly Fate[]): readonly Part[] {
  const parts: Part[] = [];
  const open = new Set<Target>();
  let level = 0;
  let since = [0];
  for (const [before, fate] of fates.entries()) {
    const point = before + 1;
    const target = overlays[level] ?? 'inc3';
    const args = { target: `${target}-format`, ...(fate === 'cancelled' ? { speed: 1 } : {}) };
    parts.push(
      guestWrites(draw),
      ...sometimes(draw, 0.3, 'hole'),
      ...(open.has(target) ? [] : [opened(style, target, below(level))]),
      ...(fate === 'fails' ? [readsFail] : []),
      style.merged ? byMerged(style, point, since, args) : byOne(draw, args),
      ...sometimes(draw, 0.5, guestWrites(draw)),
      ...(fate === 'cancelled' ? [cancel(draw)] : []),
      untilDismissed(job),
      // Only what a query has shown of a bitmap's grains lets its backup be judged to the byte.
      send('query-named-block-nodes'),
      ...(fate === 'fails' ? [readsWork] : []),
      ...(style.merged ? [send('block-dirty-bitmap-remove', { node: 'src', name: `copy${point}` })] : []),
      ...closed(style, target),
    );
    if (style.keepsOpen) open.add(target);
    since = fate === 'done' ? [point] : [...since, point];
    if (fate === 'done' || draw.chance(0.4)) level = Math.min(level + 1, overlays.length - 1);
  }
  return parts;
}

/** As a tool opens the target: of its chain it knows itself. */
const opened =
  ({ keepsOpen }: Style, target: Target, backing?: Target): Part =>
  (draw, situation) => {
    const shown = keepsOpen && backing !== undefined ? `${backing}-format` : null;
    return [
      command(draw, situation, 'blockdev-add', {
        driver: 'file',
        'node-name': `${target}-storage`,
        filename: { path: target },
      }),
      command(draw, situation, 'blockdev-add', {
        driver: 'qcow2',
        'node-name': `${target}-format`,
        file: `${target}-storage`,
        // Without the option QEMU opens what the header names.
        ...(keepsOpen || backing === undefined || draw.chance(0.75) ? { backing: shown } : {}),
      }),
    ].flatMap((step) => step ?? []);
  };

const closed = ({ keepsOpen }: Style, target: Target): readonly Part[] =>
  keepsOpen
    ? []
    : [`${target}-format`, `${target}-storage`].map((node) => send('blockdev-del', { 'node-name': node }));

/** The bitmap that has lived since the full backup. In all modes but on-success it names more, or less, than what has changed. */
const byOne = (draw: Draw, args: JsonObject): Part => {
  const mode = draw.oneOf(['on-success', 'on-success', 'always', 'never'] as const);
  const sync = mode === 'on-success' && draw.chance(0.5) ? 'incremental' : 'bitmap';
  const named = { sync, bitmap: bitmapAt(0), ...(sync === 'incremental' ? {} : { 'bitmap-mode': mode }) };
  return inTransaction(job, (inner, situation) => backup(inner, situation, { ...args, ...named }));
};

/** All in one moment: what has changed since the last good backup is put together, and the next bitmap begins. */
const byMerged = (style: Style, point: number, since: readonly number[], args: JsonObject): Part =>
  inTransaction(job, (draw, situation) => {
    const name = `copy${point}`;
    const on = { node: 'src' };
    const had = since
      .map(bitmapAt)
      .filter((each) => situation.bitmaps.some((bitmap) => bitmap.name === each));
    return [
      ...action(draw, situation, 'block-dirty-bitmap-add', {
        ...on,
        name,
        ...style.granularity,
        disabled: true,
      }),
      ...action(draw, situation, 'block-dirty-bitmap-merge', { ...on, target: name, bitmaps: had }),
      ...newBitmap(draw, situation, style, point),
      ...action(draw, situation, 'block-dirty-bitmap-disable', { ...on, name: bitmapAt(point - 1) }),
      ...backup(draw, situation, { ...args, sync: 'incremental', bitmap: name }),
    ];
  });

const bitmapAt = (point: number): string => `chk${point}`;

const newBitmap = (draw: Draw, situation: Situation, { granularity }: Style, point: number): Action[] => {
  const isQcow2 = situation.arena.disks.some(({ name, format }) => name === 'src' && format === 'qcow2');
  return action(draw, situation, 'block-dirty-bitmap-add', {
    node: 'src',
    name: bitmapAt(point),
    ...granularity,
    ...draw.sometimes(isQcow2 ? 0.5 : 0, { persistent: true }),
  });
};

const backup = (draw: Draw, situation: Situation, args: JsonObject): Action[] =>
  action(draw, situation, 'blockdev-backup', {
    'job-id': job,
    device: 'src',
    'auto-dismiss': false,
    ...args,
  });

const guestWrites = (draw: Draw): Part => {
  const op = draw.oneOf(['write', 'write', 'write', 'zero'] as const);
  const offsetBytes = draw.oneOf([0, 65_024, 2 ** 17, 2 ** 18 + 4096, 2 ** 19 - 65_536]);
  const lengthBytes = draw.oneOf([512, 4096, 65_536]);
  return () => [{ guest: op, disk: 'src', offsetBytes, lengthBytes }];
};

/** The backup's and the guest's: those of a QEMU that can't put errors in, of nobody. */
const readsFail: Part = (_, situation) =>
  offers(situation, 'blockdev-reopen')
    ? [{ fault: 'inject', disk: 'src', iotype: 'read', errno: 'EIO' }]
    : undefined;

const readsWork: Part = (_, situation) =>
  situation.faulty.includes('src') ? [{ fault: 'lift', disk: 'src' }] : undefined;

const cancel = (draw: Draw): Part =>
  draw.chance(0.5) ? send('job-cancel', { id: job }) : send('block-job-cancel', { device: job });
