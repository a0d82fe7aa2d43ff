import { hasTrait } from '../../qemu/versions.ts';
import { type DeviceFrontend, type Disk, deviceFrontends } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Binary } from '../situation.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawTargetShape } from './disk-shape.ts';
import { mallocPerturb } from './malloc-perturb.ts';
import { pair } from './pair.ts';

/**
 * A machine with a device or two, and a target. Mostly no guest is there: commands and HMP reach the devices. Where the
 * first disk is bootable, a guest boots from it and does the writing. What has no machine gets a pair of disks.
 */
export const machine: ArenaMaker = (draw, binary) => {
  if (binary.flavour !== 'system' || binary.without?.has('pc machine'))
    return pair({ guest: true })(draw, binary);
  const boots = draw.chance(limits.guestBootsChance);
  const kinds = deviceFrontends.filter((kind) => isOffered(kind, binary) && !(boots && slowToBoot.has(kind)));
  const [plainest] = kinds;
  if (plainest === undefined) return pair({ guest: true })(draw, binary);
  const iothreads = draw.chance(0.82) ? (draw.chance(0.5) ? ['io0'] : ['io0', 'io1']) : [];
  const device = (name: string, without?: DeviceFrontend): Disk => {
    const among = kinds.filter((kind) => kind !== without);
    const frontend = draw.weighted(among.map((kind) => [slowToBoot.has(kind) ? 1.3 : 1, kind])) ?? plainest;
    return {
      name,
      ...drawTargetShape(draw, sizeBytes),
      fill: drawFill(draw),
      frontend,
      ...threadsOf(draw, binary, frontend, iothreads),
    };
  };
  const src = device('src');
  const isDrive = !boots && src.frontend !== 'ide' && draw.chance(0.3);
  const disks: Disk[] = [
    { ...src, ...(boots ? { bootable: true } : {}), ...(isDrive ? { legacyDrive: true } : {}) },
    ...(kinds.some((kind) => kind !== 'ide') && draw.chance(0.3) ? [device('src2', 'ide')] : []),
    { name: 'dst', ...drawTargetShape(draw, sizeBytes) },
  ];
  const perturb = draw.chance(0.5) ? {} : { mallocPerturb };
  return { machine: 'pc', ...(iothreads.length > 0 ? { iothreads } : {}), ...perturb, disks };
};

/** One size, so that an IDE slot of it serves many sequences; large enough to boot from. */
const sizeBytes = 2 ** 20;

/** USB and IDE are looked for by the BIOS for hundreds of milliseconds. */
const slowToBoot: ReadonlySet<DeviceFrontend> = new Set(['usb', 'ide']);

/** Whether disks are drawn as such a device for that QEMU. */
export const isOffered = (kind: DeviceFrontend, { version, without }: Binary): boolean =>
  !without?.has(`device ${kind}`) && (kind !== 'ide' || hasTrait(version, 'drive of a live device'));

function threadsOf(
  draw: Draw,
  { version }: Binary,
  kind: DeviceFrontend,
  iothreads: string[],
): Pick<Disk, 'iothread' | 'queues'> {
  const [first] = iothreads;
  if (first === undefined || (kind !== 'virtio' && kind !== 'scsi') || draw.chance(0.1)) return {};
  if (hasTrait(version, 'queues in iothreads') && draw.chance(0.5)) return { queues: iothreads };
  return { iothread: draw.anyOf(iothreads) ?? first };
}
