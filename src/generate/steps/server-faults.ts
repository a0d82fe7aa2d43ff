import { type StorageKind, storageKind } from '../../sequence/arena.ts';
import type { ServerState, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { control } from './control.ts';
import { query } from './query.ts';

/** Something gets the matter with a server, or is mended again. */
export function serverFault(draw: Draw, situation: Situation): Step[] | undefined {
  const [troubled] = situation.unwell;
  if (troubled !== undefined) return mended(draw, troubled.disk);
  const disk = draw.anyOf(situation.arena.disks.filter((each) => storageKind(each) !== 'file'));
  if (!disk) return undefined;
  const is = draw.oneOf(troubles[storageKind(disk)]);
  const become: Step = {
    fault: 'server',
    disk: disk.name,
    is,
    ...(is === 'failing' && storageKind(disk) !== 'iscsi'
      ? { errno: draw.oneOf(['EIO', 'EIO', 'ENOSPC', 'EPERM'] as const) }
      : {}),
  };
  if (is === 'cut' || !keepsWaiting(is)) return [become];
  // Whatever is sent now may be answered only when the server is back.
  const meanwhile = Array.from({ length: draw.int(1, 3) }, () =>
    draw.oneOf([control, control, query])(draw, situation),
  ).flatMap((steps) => (steps ?? []).flatMap(unawaited));
  const pauseMs = draw.oneOf([1, 5, 20, 100]);
  return [become, ...meanwhile, { pause: pauseMs }, ...mended(draw, disk.name)];
}

/** The end of what was the matter, and time for whoever waited. */
function mended(draw: Draw, disk: string): Step[] {
  const well: Step = { fault: 'server', disk, is: 'well' };
  return draw.chance(0.5)
    ? [well, { await: 'reply', deadlineMs: draw.oneOf(limits.shortDeadlineMs) }]
    : [well];
}

/** Servers that are gone or frozen hold requests; errors come at once. */
const keepsWaiting = (is: ServerState): boolean =>
  is === 'killed' || is === 'suspended' || is === 'removed' || is === 'slow';

/** What each kind of server can have; what one of them refuses is noted in the trace, and nothing happens. */
const troubles: Record<StorageKind, [ServerState, ...ServerState[]]> = {
  file: ['well'],
  block: ['read-only'],
  nbd: ['killed', 'suspended', 'cut', 'slow', 'failing', 'read-only', 'full', 'removed'],
  iscsi: ['killed', 'suspended', 'cut', 'failing', 'read-only', 'removed'],
  nfs: ['killed', 'suspended', 'cut', 'slow', 'failing', 'read-only', 'full', 'removed'],
};

const unawaited = (step: Step): Step[] => ('qmp' in step ? [{ ...step, wait: false }] : []);
