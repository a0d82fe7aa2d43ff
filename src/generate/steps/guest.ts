import { failsBy } from '../../qemu/versions.ts';
import { type Disk, deviceOf } from '../../sequence/arena.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { guestWorkload, workloadKinds } from '../guest-workload.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { hasGuest } from './machine.ts';

/** Requests of a guest, through the frontend of an arena disk; mostly nobody waits for the last of them. */
export function guest(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  const disk = draw.anyOf(
    situation.arena.disks.filter(
      ({ name, frontend = 'none', sizeBytes, readOnly }) =>
        frontend !== 'none' && sizeBytes > 0 && !readOnly && !situation.unplugged.includes(name),
    ),
  );
  if (!disk) return undefined;
  if (deviceOf(disk)) return throughDevice(draw, situation, disk);
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

/** Through the guest that boots, in whole sectors, or by the monitor, which then waits for the request itself. */
function throughDevice(draw: Draw, situation: Situation, disk: Disk): Step[] | undefined {
  const boots = hasGuest(situation);
  if (!boots && mayStandStill(situation)) return undefined;
  const { version } = situation.binary;
  if (!boots && disk.iothread && failsBy(version, 'HMP request of a device in an iothread')) return undefined;
  const waits = boots && (situation.stopped || mayStandStill(situation) || draw.chance(0.5));
  return Array.from({ length: draw.int(1, 3) }, (): Step => {
    const sectors = draw.oneOf([1, 8, 64, 128] as const);
    const last = Math.floor(disk.sizeBytes / sectorBytes) - sectors;
    return {
      guest: draw.oneOf(['write', 'write', 'write', 'zero', 'read'] as const),
      disk: disk.name,
      offsetBytes: sectorBytes * draw.int(1, Math.max(1, last)),
      lengthBytes: sectorBytes * sectors,
      ...(boots ? {} : { via: 'hmp' as const }),
      ...(waits ? { wait: false as const } : {}),
    };
  });
}

const sectorBytes = 512;

/** A mirror that is pending holds back the guest, as does a throttle: whoever waited would wait for seconds. */
const mayStandStill = ({ jobs, throttled, faulty }: Situation): boolean =>
  throttled.length > 0 || faulty.length > 0 || jobs.some(({ autoFinalize }) => !autoFinalize);
