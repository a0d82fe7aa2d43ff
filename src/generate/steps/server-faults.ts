import { storageKind } from '../../sequence/arena.ts';
import { serverOf, troubleOf, troublesOf } from '../../sequence/optional.ts';
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
  const server = serverOf(disk) ?? 'nbd';
  const is = draw.anyOf(
    troublesOf(server).filter((state) => !situation.binary.without?.has(troubleOf(server, state))),
  );
  if (is === undefined) return undefined;
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

const unawaited = (step: Step): Step[] => ('qmp' in step ? [{ ...step, wait: false }] : []);
