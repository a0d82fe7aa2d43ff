import { type Disk, deviceOf } from '../../sequence/arena.ts';
import { backendPath } from '../../sequence/device-names.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { command, only } from './command.ts';

/** The machine stopped, going on, reset; limits and statistics of its devices. */
export function machine(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.arena.machine !== 'pc' || situation.suspended) return undefined;
  const make = draw.oneOf([run, run, reset, limit, limit, histogram]);
  return make(draw, situation);
}

/** Whether the arena's guest boots, and so does the disks' writing. */
export const hasGuest = ({ arena }: Pick<Situation, 'arena'>): boolean =>
  arena.disks.some(({ bootable }) => bootable === true);

/** The devices that are there, as far as the steps show. */
export const devicesOf = ({ arena, unplugged }: Situation): Disk[] =>
  arena.disks.filter((disk) => deviceOf(disk) && !unplugged.includes(disk.name));

/** Where nobody needs the machine, it seldom runs: its BIOS looks for something to boot, and costs a tenth of a second. */
function run(draw: Draw, situation: Situation): Step[] | undefined {
  if (!hasGuest(situation) && !draw.chance(0.25))
    return only(command(draw, situation, draw.oneOf(['stop', 'stop', 'query-status'])));
  return only(command(draw, situation, situation.stopped || !hasGuest(situation) ? 'cont' : 'stop'));
}

/** A guest that boots again has forgotten what it was asked: not where one does the writing. */
function reset(draw: Draw, situation: Situation): Step[] | undefined {
  return hasGuest(situation) ? undefined : only(command(draw, situation, 'system_reset'));
}

/** Mild: HMP waits for its requests within the monitor. */
function limit(draw: Draw, situation: Situation): Step[] | undefined {
  const id = backendOf(draw, situation);
  if (id === undefined) return undefined;
  const bytes = draw.oneOf([0, 0, 10_000_000, 2 ** 30]);
  const requests = draw.oneOf([0, 0, 500, 10_000]);
  const limits = { bps: bytes, bps_rd: 0, bps_wr: 0, iops: requests, iops_rd: 0, iops_wr: 0 };
  const group = draw.sometimes(0.2, { group: 'shared' });
  return only(command(draw, situation, 'block_set_io_throttle', { id, ...limits, ...group }));
}

function histogram(draw: Draw, situation: Situation): Step[] | undefined {
  const id = backendOf(draw, situation);
  if (id === undefined) return undefined;
  const some: Json[] = [10_000, 100_000, 1_000_000];
  const args = {
    id,
    ...draw.sometimes(0.8, { [draw.oneOf(['boundaries', 'boundaries-write', 'boundaries-flush'])]: some }),
  };
  return only(command(draw, situation, 'block-latency-histogram-set', args));
}

function backendOf(draw: Draw, situation: Situation): string | undefined {
  const disk = draw.anyOf(devicesOf(situation));
  const device = disk && deviceOf(disk);
  return device && disk && backendPath(device, disk.name);
}
