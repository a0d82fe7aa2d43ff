import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { guestWorkload, workloadKinds } from '../guest-workload.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';

/** Requests of a guest, through the frontend of an arena disk; mostly nobody waits for the last of them. */
export function guest(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  const disk = draw.anyOf(
    situation.arena.disks.filter(
      ({ frontend = 'none', sizeBytes, readOnly }) => frontend !== 'none' && sizeBytes > 0 && !readOnly,
    ),
  );
  if (!disk) return undefined;
  const requests = draw.oneOf([1, 2, 3, 3, 5, 8]);
  const kind = draw.anyOf(workloadKinds) ?? 'random';
  const { name, through } = disk;
  // What stands over the disk may show a part of it.
  const { sizeBytes = disk.sizeBytes } = situation.nodes.find((node) => node.name === through) ?? {};
  const steps = guestWorkload(draw, kind, { disk: name, sizeBytes, requests });
  const ending: Step = { await: 'guest', deadlineMs: draw.oneOf(limits.shortDeadlineMs) };
  const requested = steps.filter((step) => 'guest' in step);
  return [
    ...(mayStandStill(situation) ? requested.map((step) => ({ ...step, wait: false as const })) : requested),
    ...(draw.chance(0.3) ? [ending] : []),
  ];
}

/** A mirror that is pending holds back the guest, as does a throttle: whoever waited would wait for seconds. */
const mayStandStill = ({ jobs, throttled, faulty }: Situation): boolean =>
  throttled.length > 0 || faulty.length > 0 || jobs.some(({ autoFinalize }) => !autoFinalize);
