import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { pair } from '../../arenas/pair.ts';
import { twoDisks } from '../../arenas/several-disks.ts';
import type { Draw } from '../../draw.ts';
import { after, type Situation } from '../../situation.ts';
import { command, offers, only } from '../../steps/command.ts';
import { drawInternalSnapshot, internalSnapshot } from '../../steps/internal-snapshot.ts';
import { drawSnapshot } from '../../steps/snapshot.ts';
import { type Action, backupAction, isAction, oneSpoilt } from '../../steps/transaction.ts';
import { type Flow, type Part, sometimes } from '../flow.ts';
import { writableDisk } from './ready-job.ts';
import { startOne } from './start.ts';

/**
 * Transactions of two to four actions, no two of a kind, of which half can't be carried out as a whole: the others are
 * undone; some are grouped, which nothing but backups can be. What they should have left shows in what the next one takes,
 * in what the bitmaps hold, and in what a guest may go on with.
 */
export const transactionRound: Flow = {
  name: 'transaction round',
  suits: ({ schema }) => schema.commands.has('transaction'),
  arena: oneOf(twoDisks(), twoDisks({ guest: true }), pair({ guest: true })),
  parts: (draw) => [
    bitmaps,
    ...Array.from({ length: 5 }, () => [transacted, looks, ...sometimes(draw, 0.4, written)]).flat(),
    internalSnapshot,
    internalSnapshot,
    internalSnapshot,
    (inner, situation) => startOne(inner, { ...situation, jobs: [] }, () => ({})),
    transacted,
    looks,
    written,
  ],
};

/** What actions are about. Others are made by transactions. */
const kept: readonly string[] = ['bm0', 'bm1'];

const bitmaps: Part = (draw, situation) =>
  kept.flatMap(
    (name) => only(command(draw, situation, 'block-dirty-bitmap-add', { node: 'src', name })) ?? [],
  );

const transacted: Part = (draw, situation) => {
  const actions: Action[] = [];
  const left = [...kinds];
  let now: Situation = { ...situation, habits: { ...situation.habits, unawaited: 0 } };
  for (let i = draw.int(2, 4); i > 0; i--) {
    const [kind] = left.splice(draw.int(0, left.length - 1), 1);
    const [name, data] = kind?.(draw, now) ?? [];
    if (name === undefined || !data || !isAction(situation, name)) continue;
    const step = command(draw, now, name, data);
    if (!step) continue;
    actions.push({ type: name, data: step.args ?? {} });
    now = after(now, step);
  }
  if (actions.length === 0) return undefined;
  const whole = draw.oneOf([asDrawn, asDrawn, oneSpoilt, withImpossible])(draw, actions);
  // 5.2 and 7.2 end where they refuse to enable or disable a bitmap in a group.
  const mayGroup = whole.every(({ type }) => !/-(enable|disable)$/.test(type));
  const grouped = mayGroup ? draw.sometimes(0.15, { properties: { 'completion-mode': 'grouped' } }) : {};
  return only(command(draw, situation, 'transaction', { actions: whole, ...grouped }));
};

const asDrawn = (_: Draw, actions: Action[]): Action[] => actions;

const withImpossible = (draw: Draw, actions: Action[]): Action[] =>
  actions.toSpliced(draw.int(0, actions.length), 0, draw.oneOf(impossible));

type Kind = (draw: Draw, situation: Situation) => [name: string, data: JsonObject] | undefined;

/** Of one that is there: a transaction that enables or disables one that is not ends QEMU (10.0), which is known. */
const ofBitmap =
  (verb: 'clear' | 'enable' | 'disable' | 'remove'): Kind =>
  (draw) => [
    `block-dirty-bitmap-${verb}`,
    { node: 'src', name: verb === 'remove' ? draw.oneOf(['bm0', 'made']) : 'bm1' },
  ];

const kinds: readonly Kind[] = [
  ...(['clear', 'enable', 'disable', 'remove'] as const).map(ofBitmap),
  (draw) => [
    'block-dirty-bitmap-add',
    {
      node: 'src',
      name: draw.oneOf(['made', 'made', 'bm0']),
      ...draw.sometimes(0.3, { disabled: true }),
      ...draw.sometimes(0.3, { granularity: draw.oneOf([512, 65_536]) }),
    },
  ],
  (draw) => [
    'block-dirty-bitmap-merge',
    {
      node: 'src',
      target: draw.oneOf(['bm0', 'made']),
      bitmaps: draw.oneOf([['bm1'], ['bm1', 'made'], [{ node: 'src', name: 'bm1' }]]),
    },
  ],
  drawSnapshot,
  drawInternalSnapshot,
  backupAction(['blockdev-backup']),
  backupAction(['drive-backup']),
];

/** Alone or among others these fail, and at different moments. */
const impossible: [Action, ...Action[]] = [
  { type: 'abort', data: {} },
  { type: 'abort', data: {} },
  { type: 'block-dirty-bitmap-clear', data: { node: 'src', name: 'nowhere' } },
  { type: 'block-dirty-bitmap-merge', data: { node: 'src', target: 'bm0', bitmaps: ['bm1', 'nowhere'] } },
  { type: 'blockdev-snapshot', data: { node: 'src', overlay: 'nowhere' } },
  { type: 'blockdev-backup', data: { 'job-id': 'j9', device: 'src', target: 'nowhere', sync: 'full' } },
];

/** A disk that something still drains never answers. */
const written: Part = (draw, situation) => {
  const disk = writableDisk(situation);
  if (!disk || disk.sizeBytes < 512) return undefined;
  const offsetBytes = 512 * draw.int(0, Math.min(8, Math.floor(disk.sizeBytes / 512) - 1));
  return [{ guest: 'write', disk: disk.name, offsetBytes, lengthBytes: 512 }];
};

const looks: Part = (draw, situation) => {
  const name = draw.oneOf(['bm0', 'made']);
  const sums: Step[] = offers(situation, 'x-debug-block-dirty-bitmap-sha256')
    ? (only(command(draw, situation, 'x-debug-block-dirty-bitmap-sha256', { node: 'src', name })) ?? [])
    : [];
  return [...sums, ...(only(command(draw, situation, 'query-named-block-nodes', { flat: true })) ?? [])];
};
