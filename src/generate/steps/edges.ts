import { cardOf } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import {
  edgeDigits,
  limitedArguments,
  limitedNumbers,
  type Side,
  sideOf,
  withNumber,
} from '../edge-numbers.ts';
import { isSendable, soundStep } from '../malformed/malformed-step.ts';
import { exactly } from '../malformed/numbers.ts';
import type { Situation } from '../situation.ts';
import { deviceArgument } from './candidates.ts';
import { command, knownMembers, offers, only } from './command.ts';
import { startBackup } from './start-backup.ts';
import { startCommit } from './start-commit.ts';
import { startMirror } from './start-mirror.ts';
import { startStream } from './start-stream.ts';
import { throttleNumbers } from './throttle-numbers.ts';

/** A sound command of which one number lies at the edge of what is documented: the last that is taken, the first that is not. */
export function edges(draw: Draw, situation: Situation): Step[] | undefined {
  if (draw.chance(0.1) && offers(situation, 'block_set_io_throttle')) return throttleNumbers(draw, situation);
  const path = draw.weighted(
    [...limitedArguments].map(([each, commands]) => [timesDrawn(each, commands), each] as const),
  );
  const [outermost = ''] = path?.split('.') ?? [];
  const wanted = draw.anyOf(
    (limitedArguments.get(path ?? '') ?? []).filter((name) => offers(situation, name, outermost)),
  );
  const sound = wanted === undefined ? undefined : soundly(draw, situation, wanted);
  const range = sound && limitedNumbers(sound.command)[path ?? ''];
  if (!sound || !range || path === undefined) return undefined;
  const side: Side = draw.chance(0.55) ? 'inside' : 'outside';
  const digits = draw.anyOf(edgeDigits(range, side));
  if (digits === undefined) return undefined;
  const { schema } = situation.binary;
  const asked = withNumber(sound.args, path, exactly(digits));
  const info = schema.commands.get(sound.command);
  const args = info ? knownMembers(schema, asked, info.args) : {};
  if (sideOf(sound.command, args, path) !== side) return undefined; // this binary's members have no such member
  // As they are: what its family wrote as a reference is one.
  return isSendable(draw, situation, { command: sound.command, args })
    ? [{ qmp: sound.command, args }]
    : undefined;
}

/** More for arguments of one command alone, and members of members; most for those that the daemon has not. */
function timesDrawn(path: string, commands: readonly string[]): number {
  if (commands.every((command) => cardOf(command)?.only === 'system')) return 11;
  return path.includes('.') || commands.length === 1 ? 6 : 1;
}

/** As its own family makes it where there is one; what starts jobs is then about nodes that are free. */
function soundly(
  draw: Draw,
  situation: Situation,
  name: string,
): { command: string; args: JsonObject } | undefined {
  const [step] = starters[name]?.(draw, situation) ?? [soundStep(draw, situation, name)];
  return step && 'qmp' in step ? { command: step.qmp, args: step.args ?? {} } : undefined;
}

const starters: Readonly<Record<string, (draw: Draw, situation: Situation) => Step[] | undefined>> = {
  'blockdev-mirror': startMirror,
  'drive-mirror': startMirror,
  'blockdev-backup': startBackup,
  'drive-backup': startBackup,
  'block-commit': startCommit,
  'block-stream': startStream,
  block_set_io_throttle: drivesLimits,
};

/** Limits that hold nobody up; a burst's length wants the burst, and that wants a rate. */
function drivesLimits(draw: Draw, situation: Situation): Step[] | undefined {
  const drives = situation.nodes.filter(({ frontend }) => frontend === 'drive');
  const drive = draw.anyOf(drives) ?? draw.anyOf(situation.nodes);
  if (!drive) return undefined;
  const rates = { bps: 2 ** 40, bps_rd: 0, bps_wr: 0, iops: 2 ** 30, iops_rd: 0, iops_wr: 0 };
  const args = { device: deviceArgument(drive), ...rates, ...draw.sometimes(0.5, { bps_max: 2 ** 41 }) };
  return only(command(draw, situation, 'block_set_io_throttle', args));
}
