import { type Disk, deviceOf } from '../../sequence/arena.ts';
import { controllerId, deviceId, deviceModels, ideDevice } from '../../sequence/device-names.ts';
import type { Json } from '../../sequence/step.ts';
import type { Command } from '../run.ts';

/** Where a device goes, and what it stands on: a node, or the id of a drive. `bootIndex`: its rank for the BIOS. */
type Slot = { slot: number; drive: string; bootIndex?: number };

/** The commands that make a disk a device of the machine, its controller first. */
export function plugCommands(disk: Disk, { slot, drive, bootIndex }: Slot): Command[] {
  const { name } = disk;
  const device = deviceOf(disk);
  const addr = slot.toString(16);
  const common = { id: deviceId(name), drive, ...(bootIndex === undefined ? {} : { bootindex: bootIndex }) };
  const controller = { id: controllerId(name), addr };
  // Every error is reported to the guest: a machine that stops would hold its requests for ever.
  const reports = { rerror: 'report', werror: 'report' };
  const bus = `${controllerId(name)}.0`;
  switch (device) {
    case undefined:
      return [];
    case 'virtio':
      return [plug(deviceModels.virtio.device, { ...common, addr, ...reports, ...threads(disk) })];
    case 'scsi':
      return [
        plug(deviceModels.scsi.controller, { ...controller, ...threads(disk) }),
        plug(deviceModels.scsi.device, { ...common, bus, ...reports }),
      ];
    case 'nvme':
      return [plug(deviceModels.nvme.device, { ...common, addr, serial: name })];
    case 'usb':
      return [
        plug(deviceModels.usb.controller, controller),
        plug(deviceModels.usb.device, { ...common, bus, ...reports }),
      ];
    case 'ide':
      return [setDrive(ideDevice, drive)];
  }
}

/** Ids of the devices that `plugCommands` adds, what must go first before the others. */
export function pluggedIds(disk: Disk): string[] {
  const device = deviceOf(disk);
  if (device === undefined || device === 'ide') return [];
  const own = deviceId(disk.name);
  return device === 'scsi' || device === 'usb' ? [own, controllerId(disk.name)] : [own];
}

/** Another node for a device that is there (6.1). */
export const setDrive = (device: string, node: string): Command => ({
  name: 'qom-set',
  args: { path: `/machine/peripheral/${device}`, property: 'drive', value: node },
});

function threads({ iothread, queues }: Disk): Record<string, Json> {
  if (queues) return { 'iothread-vq-mapping': queues.map((name) => ({ iothread: name })) };
  return iothread === undefined ? {} : { iothread };
}

const plug = (driver: string, args: Command['args']): Command => ({
  name: 'device_add',
  args: { driver, ...args },
});
