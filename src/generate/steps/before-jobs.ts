import { type Disk, deviceOf } from '../../sequence/arena.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Weights } from '../property.ts';
import type { Situation } from '../situation.ts';
import { armAnError } from './faults.ts';
import { guest } from './guest.ts';
import { hasGuest } from './machine.ts';

/**
 * What is there before the first job: an error that waits for it, writes of the guest, clusters that it has zeroed. A
 * small copy is over in two milliseconds, and what comes after its start mostly comes too late.
 */
export function beforeJobs(draw: Draw, situation: Situation, weights: Weights): Step[] {
  const errors = weights.fault ? 3 : 0;
  const guests = weights.guest ? 2 : 0;
  const first = draw.weighted([
    [errors, armAnError],
    [guests, actsFirst],
    [guests, zeroesClusters],
  ]);
  const steps = first?.(draw, situation) ?? [];
  const second = draw.chance(0.3) ? draw.weighted([[errors, armAnError]]) : undefined;
  return [...steps, ...(second?.(draw, situation) ?? [])];
}

const actsFirst = (draw: Draw, situation: Situation): Step[] => {
  const requests = guest(draw, situation) ?? [];
  return requests.length === 0 ? [] : [...requests, ...(draw.chance(0.6) ? [guestEnds] : [])];
};

/** Zero clusters over data, and over what a backing file shows. */
function zeroesClusters(draw: Draw, situation: Situation): Step[] {
  const { arena } = situation;
  // The guest that boots knows no discard.
  const isOfGuest = (frontend: NonNullable<Disk['frontend']>): boolean =>
    hasGuest(situation) && deviceOf({ frontend }) !== undefined;
  const cluster = limits.guestClusterBytes;
  const disk = draw.anyOf(
    arena.disks.filter(
      ({ frontend = 'none', sizeBytes, readOnly }) =>
        frontend !== 'none' && !isOfGuest(frontend) && sizeBytes >= cluster && !readOnly,
    ),
  );
  if (!disk) return [];
  const via = deviceOf(disk) ? { via: 'hmp' as const } : {};
  const clusters = Math.floor(disk.sizeBytes / cluster);
  const first = draw.int(0, clusters - 1);
  const lengthBytes = cluster * draw.int(1, Math.min(4, clusters - first));
  const zero: Step = {
    guest: draw.chance(0.8) ? 'zero' : 'discard',
    disk: disk.name,
    offsetBytes: first * cluster,
    lengthBytes,
    ...(draw.chance(0.3) ? { unmap: true as const } : {}),
    ...via,
  };
  return [zero, ...(draw.chance(0.3) ? [{ guest: 'flush' as const, disk: disk.name, ...via }] : [])];
}

const guestEnds: Step = { await: 'guest', deadlineMs: limits.shortDeadlineMs[2] };
