import { hasTrait } from '../../qemu/versions.ts';
import { deviceOf } from '../../sequence/arena.ts';
import { deviceId, ideDevice } from '../../sequence/device-names.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { isInUse } from '../guess-graph.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import { imageNodes, isBusy, isOdd } from './candidates.ts';
import { command, only } from './command.ts';
import { devicesOf, hasGuest } from './machine.ts';

/** Devices taken away, added, given another node. */
export function devices(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.arena.machine !== 'pc' || situation.suspended) return undefined;
  return draw.oneOf([del, add, add, setDrive, setDrive, setDrive, setDrive, setDrive])(draw, situation);
}

/** SCSI and USB devices go at once, others once their guest lets them go, or the machine is reset; an IDE disk stays. */
function del(draw: Draw, situation: Situation): Step[] | undefined {
  const disk = draw.anyOf(devicesOf(situation));
  if (!disk) return undefined;
  const id = disk.frontend === 'ide' ? ideDevice : deviceId(disk.name);
  const asked = command(draw, situation, 'device_del', { id });
  // A BIOS waits for a USB disk that is gone as long as it likes.
  if (!asked || (hasGuest(situation) && disk.frontend === 'usb')) return undefined;
  const goesAtReset = disk.frontend === 'virtio' || disk.frontend === 'nvme';
  const reset =
    goesAtReset && !hasGuest(situation) && draw.chance(0.7)
      ? command(draw, situation, 'system_reset')
      : undefined;
  const waits = (reset || disk.frontend === 'scsi' || disk.frontend === 'usb') && draw.chance(0.5);
  const gone: Step = {
    await: { event: 'DEVICE_DELETED', data: { device: id } },
    deadlineMs: draw.oneOf(limits.shortDeadlineMs),
  };
  return [asked, ...(reset ? [reset] : []), ...(waits ? [gone] : [])];
}

/** On a node that nobody uses, or beside its own device, which has to share. */
function add(draw: Draw, situation: Situation): Step[] | undefined {
  const node = draw.anyOf(
    imageNodes(situation).filter(
      ({ name, readOnly, sizeBytes }) =>
        sizeBytes > 0 &&
        !readOnly &&
        (isOdd(draw, situation) || (!isInUse(situation, name) && !isBusy(situation, name))),
    ),
  );
  if (!node) return undefined;
  const driver =
    draw.weighted([
      [5, 'virtio-blk-pci'],
      [situation.binary.without?.has('device nvme') ? 0 : 1, 'nvme'], // refused, it keeps its node (up to 10.0)
    ] as const) ?? 'virtio-blk-pci';
  const id = `dev${situation.steps}`;
  const serial = driver === 'nvme' ? { serial: id } : {};
  const shares = draw.sometimes(0.3, { 'share-rw': true });
  // The schema has no word on what a driver takes.
  return only({
    ...command(draw, situation, 'device_add', { driver, id }),
    qmp: 'device_add',
    args: { driver, id, drive: node.name, ...serial, ...shares },
  });
}

/** The guest's disk is another image from then on, as when a medium is changed. */
function setDrive(draw: Draw, situation: Situation): Step[] | undefined {
  if (!hasTrait(situation.binary.version, 'drive of a live device') || hasGuest(situation)) return undefined;
  const disk = draw.anyOf(
    devicesOf(situation).filter((each) => !each.iothread && !each.queues && !each.legacyDrive),
  );
  const node = draw.anyOf(
    imageNodes(situation).filter(
      ({ name, sizeBytes }) =>
        sizeBytes === disk?.sizeBytes &&
        // The node that it has aborts QEMU: once in a while is enough.
        (name !== disk.name || draw.chance(0.05)) &&
        (name === disk.name ||
          isOdd(draw, situation) ||
          (!isInUse(situation, name) && !isBusy(situation, name))),
    ),
  );
  if (!disk || !node || deviceOf(disk) === undefined) return undefined;
  const device = disk.frontend === 'ide' ? ideDevice : deviceId(disk.name);
  return only(
    command(draw, situation, 'qom-set', {
      path: `/machine/peripheral/${device}`,
      property: 'drive',
      value: node.name,
    }),
  );
}
