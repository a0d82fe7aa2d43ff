import { type Feature, sends, someDisk } from './feature.ts';

/** Machines and what hangs on them. */
export const devices: readonly Feature[] = [
  { name: 'a pc machine', holds: ({ sequence: { arena } }) => arena.machine === 'pc' },
  { name: 'iothreads', holds: ({ sequence: { arena } }) => (arena.iothreads ?? []).length > 0 },
  someDisk('a virtio disk', ({ frontend }) => frontend === 'virtio'),
  sends('stop'),
  sends('cont'),
  sends('system_reset'),
  sends('device_add'),
  sends('device_del'),
  sends('qom-set'),
  sends('block_set_io_throttle'),
  sends('block-latency-histogram-set'),
];
