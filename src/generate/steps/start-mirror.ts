import type { JsonObject } from '../../sequence/json-object.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedNode } from '../guesses.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';
import {
  deviceArgument,
  drawJobId,
  drawSource,
  drawTarget,
  freshName,
  isOdd,
  mayStart,
  nodeArgument,
} from './candidates.ts';
import { command, only } from './command.ts';
import { copyPolicies, jobOptions } from './job-options.ts';

/** drive-mirror or blockdev-mirror, with options as the binary has them. */
export function startMirror(draw: Draw, situation: Situation): Step[] | undefined {
  const source = mayStart(situation) ? drawSource(draw, situation) : undefined;
  if (!source) return undefined;
  const sync = draw.oneOf(['full', 'full', 'full', 'top', 'none'] as const);
  const common = jobOptions(draw, situation);
  const args = {
    ...idArgument(draw, situation, source),
    device: deviceArgument(source),
    sync,
    ...common,
    ...copyPolicies(draw, situation),
    ...copyOptions(draw, situation, common.speed),
  };
  return draw.chance(0.3)
    ? only(
        command(draw, situation, 'drive-mirror', { ...args, ...fileTarget(draw, situation, source, sync) }),
      )
    : only(command(draw, situation, 'blockdev-mirror', { ...args, ...nodeTarget(draw, situation, source) }));
}

/** A drive's job is called as the drive where it gets no name; all others need one. */
export function idArgument(draw: Draw, situation: Situation, source: GuessedNode): JsonObject {
  const nameless = source.frontend === 'drive' && source.disk !== undefined && draw.chance(0.1);
  return nameless ? {} : { 'job-id': drawJobId(draw, situation) };
}

/** A slow job must go in small pieces, else it is through before the limit is felt. */
function copyOptions(draw: Draw, { habits }: Situation, speed: Json | undefined): JsonObject {
  const { options } = habits;
  const isSlow = typeof speed === 'number' && speed > 0 && speed <= 65_536;
  const sizes =
    isSlow && draw.chance(0.9)
      ? { 'buf-size': draw.oneOf(limits.slowBufBytes), granularity: draw.oneOf([512, 4096, 65_536]) }
      : {
          ...draw.sometimes(options, { granularity: draw.oneOf([0, 512, 4096, 65_536, 2 ** 20, 2 ** 26]) }),
          ...draw.sometimes(options, { 'buf-size': draw.oneOf([0, 1, 4096, 65_536, 2 ** 20, 2 ** 30]) }),
        };
  return {
    ...sizes,
    ...draw.sometimes(options, {
      'copy-mode': draw.oneOf(['background', 'write-blocking', 'write-blocking']),
    }),
  };
}

function fileTarget(draw: Draw, situation: Situation, source: GuessedNode, sync: string): JsonObject {
  const { options } = situation.habits;
  const existing = situation.arena.disks.find(
    ({ name, open, sizeBytes }) =>
      open === false &&
      sizeBytes === source.sizeBytes &&
      !situation.usedNames.includes(name) &&
      situation.arena.disks.every(({ backing }) => backing !== name),
  );
  const where: JsonObject =
    existing && draw.chance(0.7)
      ? {
          target: { path: existing.name },
          mode: 'existing',
          ...draw.sometimes(0.9, { format: existing.format }),
        }
      : newFile(draw, situation, 'f', sync);
  const named = draw.chance(options / 2) ? { 'node-name': freshName(situation, 'n') } : {};
  return {
    ...where,
    ...draw.sometimes(options, { unmap: draw.chance(0.5) }),
    ...named,
    ...('node-name' in named ? replaces(draw, situation, source) : {}),
  };
}

/** A file that the command makes; what is not copied in full gets a backing file, which raw can't have. */
export function newFile(draw: Draw, situation: Situation, prefix: string, sync: string): JsonObject {
  const format = sync === 'full' ? draw.oneOf(['qcow2', 'qcow2', 'raw'] as const) : 'qcow2';
  return {
    target: { newFile: freshName(situation, prefix, `.${format}`) },
    format,
    ...draw.sometimes(0.3, { mode: 'absolute-paths' }),
  };
}

function nodeTarget(draw: Draw, situation: Situation, source: GuessedNode): JsonObject {
  const { options } = situation.habits;
  const target =
    draw.chance(0.85) || isOdd(draw, situation) ? drawTarget(draw, situation, source) : undefined;
  return {
    target: target ? nodeArgument(target) : newDisk(draw, situation, source),
    ...(draw.chance(options / 2) ? { 'filter-node-name': freshName(situation, 'filter') } : {}),
    ...replaces(draw, situation, source),
    // A false promise where there is content, and what follows from it would be no defect.
    ...(target === undefined ? draw.sometimes(options, { 'target-is-zero': true }) : {}),
  };
}

/** An empty image of the source's size; a format that can have that size. */
export function newDisk(draw: Draw, situation: Situation, source: GuessedNode): JsonObject {
  const format = source.sizeBytes % 512 === 0 ? draw.oneOf(['qcow2', 'qcow2', 'raw'] as const) : 'raw';
  return { newDisk: freshName(situation, 't'), format, sizeBytes: source.sizeBytes };
}

/** Which node the target takes the place of: the source itself, or what stands on quorum's or a filter's side of it. */
function replaces(draw: Draw, { nodes, habits }: Situation, source: GuessedNode): JsonObject {
  const child = source.driver === 'quorum' ? draw.anyOf(source.children) : undefined;
  if (child !== undefined) return draw.sometimes(0.7, { replaces: child });
  if (draw.chance(habits.odd)) return { replaces: draw.anyOf(nodes)?.name ?? source.name };
  return source.frontend === 'drive' ? {} : draw.sometimes(habits.options / 4, { replaces: source.name });
}
