import { storageKind } from '../../sequence/arena.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import { withoutLostClaims } from '../../sequence/lost-claims.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, QmpStep, Step } from '../../sequence/step.ts';

/**
 * What leads to a crash or hang that is known already: the steps of its minimal sequence, in that order, others between
 * them, in an arena that has what the minimal one has. `rate`: how often it shows then.
 */
export type Mask = {
  signature: string;
  steps: Step[];
  features: string[];
  rate: number;
  /** It shows when the sequence is over and its arena is taken apart: no step is hidden by it. */
  atEnd?: true;
  /** Versions that were tried, and do not have it. */
  notOn?: string[];
};

export function maskOf(
  signature: string,
  minimal: Sequence,
  rate: number,
  more: Pick<Mask, 'atEnd' | 'notOn'> = {},
): Mask {
  const steps = minimal.steps.filter((step) => !('await' in step || 'pause' in step));
  return { signature, steps, features: featuresOf(minimal), rate, ...more };
}

/** Whether the sequence has all that the mask stands for. */
export const meets = (sequence: Sequence, mask: Mask): boolean =>
  steerRound(sequence, [mask], () => true).masked > 0;

/**
 * The sequence without the steps that would complete what a mask stands for, so that one shallow defect does not hide
 * the rest. `applies` decides for each mask: a share of the sequences goes unmasked, as do most against a rare failure.
 */
export function steerRound(
  sequence: Sequence,
  masks: readonly Mask[],
  applies: (mask: Mask) => boolean,
): { sequence: Sequence; masked: number } {
  const features = featuresOf(sequence);
  const watched = masks
    .filter((mask) => mask.steps.length > 0 && mask.features.every((each) => features.includes(each)))
    .filter(applies)
    .map((mask) => ({ mask, met: 0 }));
  if (watched.length === 0) return { sequence, masked: 0 };
  const steps = sequence.steps.filter((step) => {
    const met = watched.filter((each) => matches(each.mask.steps[each.met] as Step, step));
    if (met.some((each) => each.met === each.mask.steps.length - 1)) return false;
    for (const each of met) each.met++;
    return true;
  });
  const masked = sequence.steps.length - steps.length;
  return masked === 0
    ? { sequence, masked }
    : { sequence: withoutLostClaims({ ...sequence, steps }), masked };
}

/** Whether a step does what the mask's step does: same command, and every argument that matters as there. */
function matches(wanted: Step, step: Step): boolean {
  if ('qmp' in wanted) return 'qmp' in step && sameCommand(wanted, step);
  if ('guest' in wanted) return 'guest' in step && step.guest === wanted.guest;
  if ('fault' in wanted)
    return (
      'fault' in step &&
      step.fault === wanted.fault &&
      (wanted.fault !== 'server' || step.fault !== 'server' || step.is === wanted.is)
    );
  return JSON.stringify(wanted) === JSON.stringify(step);
}

function sameCommand(wanted: QmpStep, step: QmpStep): boolean {
  if (plainVerb(wanted.qmp) !== plainVerb(step.qmp)) return false;
  const args = Object.entries(wanted.args ?? {});
  return args.every(([name, value]) => sameArgument(value, step.args?.[name], name));
}

/** `job-pause` and `block-job-pause` do the same. */
const plainVerb = (command: string): string => command.replace(/^block-job-/, 'job-');

function sameArgument(wanted: Json, value: Json | undefined, name: string): boolean {
  if (names.has(name)) return true;
  if (value === undefined) return false;
  if (typeof wanted === 'number') return typeof value === 'number' && magnitude(wanted) === magnitude(value);
  if (Array.isArray(wanted))
    return Array.isArray(value) && wanted.every((each, i) => sameArgument(each, value[i], ''));
  if (isJsonObject(wanted)) {
    if (!isJsonObject(value)) return false;
    return Object.entries(wanted).every(([key, each]) => sameArgument(each, value[key], key));
  }
  return wanted === value;
}

/** Arguments that say which job or node, not what is done with it; a bitmap's name is one of them. */
const names = new Set([
  'id',
  'device',
  'job-id',
  'node-name',
  'target',
  'node',
  'name',
  'disk',
  'newDisk',
  'newFile',
  'path',
  'snapshot-node-name',
  'snapshot-file',
  'filter-node-name',
  'overlay',
  'filename',
  'format',
  'speed',
  'file',
]);

const magnitude = (value: number): string =>
  value < 0 ? 'negative' : value === 0 ? 'none' : value < 2 ** 31 ? 'ordinary' : 'huge';

/** What an arena has that not every arena has. */
function featuresOf({ arena }: Sequence): string[] {
  const features = arena.disks.flatMap((disk) => [
    ...(disk.layers ?? []).map((layer) =>
      'throttle' in layer ? 'throttle' : 'preallocate' in layer ? 'preallocate' : 'blkdebug',
    ),
    ...(disk.readOnly ? ['read-only'] : []),
    ...(disk.iothread === undefined ? [] : ['iothread']),
    ...(disk.backing === undefined ? [] : ['backing']),
    ...(disk.servedBy === undefined ? [] : ['destination']),
    ...(storageKind(disk) === 'file' ? [] : [storageKind(disk)]),
    ...(disk.frontend === 'drive' ? ['drive'] : []),
  ]);
  return [...new Set([...features, ...(arena.nodes ?? []).map(({ driver }) => `${driver}`)])];
}
