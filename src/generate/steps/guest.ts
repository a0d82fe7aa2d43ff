import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';

/** Requests of a guest, through the frontend of an arena disk. */
export function guest(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  const disk = draw.anyOf(
    situation.arena.disks.filter(
      ({ frontend = 'none', sizeBytes, readOnly }) => frontend !== 'none' && sizeBytes >= 4096 && !readOnly,
    ),
  );
  if (!disk) return undefined;
  if (draw.chance(0.15)) return [{ await: 'guest', deadlineMs: draw.oneOf(limits.shortDeadlineMs) }];
  return Array.from({ length: draw.int(1, 3) }, (): Step => {
    const guest = draw.oneOf(['write', 'write', 'write', 'zero', 'discard', 'read', 'flush'] as const);
    const wait = draw.chance(0.6) ? ({ wait: false } as const) : {};
    if (guest === 'flush') return { guest, disk: disk.name, ...wait };
    const lengthBytes = Math.min(draw.oneOf([512, 4096, 65_536]), disk.sizeBytes);
    const lastSector = Math.floor((disk.sizeBytes - lengthBytes) / 512);
    return { guest, disk: disk.name, offsetBytes: 512 * draw.int(0, lastSector), lengthBytes, ...wait };
  });
}
