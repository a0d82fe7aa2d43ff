import type { ArenaMaker } from '../arenas/arena-maker.ts';
import type { Binary } from '../situation.ts';
import { command, hasDriver, only } from '../steps/command.ts';
import { exportByNbd, type Flow, living, type Part, send, sometimes, untilReady } from './flow.ts';

const size = 2 ** 20;

/** A machine whose guest runs; the scratch image takes what it overwrites, and two copies may be made of the snapshot. */
const arena: ArenaMaker = (draw) => ({
  machine: 'pc',
  disks: [
    {
      name: 'src',
      format: draw.oneOf(['raw', 'qcow2'] as const),
      sizeBytes: size,
      fill: draw.oneOf(['full', 'seeded'] as const),
      bootable: true,
      frontend: 'virtio',
    },
    { name: 'fleece', format: 'qcow2', sizeBytes: size },
    { name: 'dst', format: draw.oneOf(['raw', 'qcow2'] as const), sizeBytes: size },
  ],
});

const suits = (binary: Binary): boolean =>
  binary.flavour === 'system' &&
  ['copy-before-write', 'snapshot-access'].every((driver) => hasDriver(binary, driver)) &&
  binary.without?.has('pc machine') !== true &&
  !binary.without?.has('device virtio');

/** Proxmox' and libvirt's fleecing: a copy-before-write filter below the guest's device, and a node that shows the disk of that moment. */
export const fleecing: Flow = {
  name: 'fleecing',
  weight: 1.2,
  suits,
  arena,
  parts: (draw) => {
    const isExported = draw.chance(0.7);
    return [
      ...sometimes(draw, 0.3, 'hole'),
      (inner, situation) =>
        only(
          command(inner, situation, 'blockdev-add', {
            driver: 'copy-before-write',
            'node-name': 'cbw',
            file: 'src',
            target: 'fleece',
          }),
        ),
      drive('cbw'),
      send('blockdev-add', { driver: 'snapshot-access', 'node-name': 'snap', file: 'cbw' }),
      'hole',
      ...(isExported ? [exportByNbd('snap', 'fleeced')] : []),
      copyOfSnapshot(draw.chance(0.5)),
      'hole',
      untilReady('copied'),
      'hole',
      send('block-job-cancel', { device: 'copied' }),
      (_, situation) =>
        living(situation, 'copied') ? [{ await: 'gone', job: 'copied', deadlineMs: 100 }] : undefined,
      ...(isExported ? [send('block-export-del', { id: 'fleeced', mode: 'hard' })] : []),
      send('blockdev-del', { 'node-name': 'snap' }),
      ...sometimes(draw, 0.7, drive('src'), send('blockdev-del', { 'node-name': 'cbw' }), 'hole'),
    ];
  },
};

/** The node behind the guest's device becomes another. */
const drive = (node: string): Part =>
  send('qom-set', {
    path: '/machine/peripheral/guest-src/virtio-backend',
    property: 'drive',
    value: node,
  });

const copyOfSnapshot = (byMirror: boolean): Part => {
  const args = { 'job-id': 'copied', device: 'snap', target: { node: 'dst' }, sync: 'full' };
  return byMirror ? send('blockdev-mirror', args) : send('blockdev-backup', args);
};
