import type { DeviceFrontend } from './arena.ts';

/* What the devices of a `pc` machine are called, so that steps can aim at them. */

/** Id of the device of a disk, or of the boot disk; an ide disk has the machine's own, which is there from the start. */
export const deviceId = (disk: string): string => `guest-${disk}`;
export const controllerId = (disk: string): string => `controller-${disk}`;
export const ideDevice = 'ide-slot';
/** What is in the slot where no sequence uses it: nothing that can be read or written. */
export const ideNothing = 'ide-nothing';

/** What a build of QEMU must have for a disk to be such a device: a device, and the controller that some hang on. */
export const deviceModels = {
  virtio: { device: 'virtio-blk-pci' },
  scsi: { device: 'scsi-hd', controller: 'virtio-scsi-pci' },
  nvme: { device: 'nvme' },
  usb: { device: 'usb-storage', controller: 'usb-ehci' },
  ide: { device: 'ide-hd' },
} as const satisfies Record<DeviceFrontend, { device: string; controller?: string }>;

/** Where commands about a BlockBackend find the device's own. */
export function backendPath(device: DeviceFrontend, disk: string): string {
  switch (device) {
    case 'virtio':
      return `/machine/peripheral/${deviceId(disk)}/virtio-backend`;
    case 'usb':
      return `/machine/peripheral/${deviceId(disk)}/${deviceId(disk)}.0/legacy[0]`;
    case 'scsi':
    case 'nvme':
      return deviceId(disk);
    case 'ide':
      return ideDevice;
  }
}
