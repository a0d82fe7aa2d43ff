import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { deviceArgument } from './candidates.ts';
import { command, only } from './command.ts';

/**
 * block_set_io_throttle with numbers of any kind in a few of its arguments. The totals are large, so that a small rate
 * beside them, which would hold a guest for hours, is refused: QEMU takes no total together with a part of it, and no
 * burst below its rate.
 */
export function throttleNumbers(draw: Draw, situation: Situation): Step[] | undefined {
  const drive =
    draw.anyOf(situation.nodes.filter(({ frontend }) => frontend === 'drive')) ?? draw.anyOf(situation.nodes);
  const members = situation.binary.schema.commands.get('block_set_io_throttle')?.args.members ?? [];
  const names = members.map(({ name }) => name).filter((name) => !notNumbers.has(name));
  if (!drive || names.length === 0) return undefined;
  const some = Array.from({ length: draw.int(1, 3) }, () => {
    const name = draw.anyOf(names) ?? 'bps';
    return [name, draw.oneOf(totals.has(name) ? large : [...large, ...small])] as const;
  });
  const args: JsonObject = { device: deviceArgument(drive), ...rates, ...Object.fromEntries(some) };
  return only(command(draw, situation, 'block_set_io_throttle', args));
}

const notNumbers: ReadonlySet<string> = new Set(['device', 'id', 'group']);
const totals: ReadonlySet<string> = new Set(['bps', 'iops']);
const rates = { bps: 2 ** 40, bps_rd: 0, bps_wr: 0, iops: 2 ** 30, iops_rd: 0, iops_wr: 0 };

/** None that the schema refuses, which malformed steps send. */
const large: [Json, ...Json[]] = [-1, 0, 2 ** 30, 2 ** 31, 2 ** 41, 10 ** 15 + 1];
const small: Json[] = [1, 100, 4096];
