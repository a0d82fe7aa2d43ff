import type { Fact } from '../judge/facts/fact.ts';
import { isJsonObject } from '../sequence/json-object.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json, Step } from '../sequence/step.ts';
import type { Trace } from '../trace/observation.ts';
import { reasonsToRefuse } from './must-refuse.ts';

/** Who can bring a defect about, the most people first. */
export const reaches = ['guest', 'valid-commands', 'invalid-commands', 'debug-only'] as const;
export type Reach = (typeof reaches)[number];

/**
 * By all steps of a sequence, so that it is true of a minimal one only. `trace`: of that sequence. A command is invalid
 * where QEMU refuses it, or where it never answers and our model knows that it would have to refuse.
 */
export function reachOf(sequence: Sequence, trace: Trace, facts: Fact): Reach {
  const { arena, steps } = sequence;
  if (arena.disks.some(({ layers = [] }) => layers.some((layer) => 'blkdebug' in layer))) return 'debug-only';
  if (steps.some(needsDebugging) || (arena.nodes ?? []).some(namesDebugging)) return 'debug-only';
  const isInvalid =
    steps.some((step) => 'raw' in step) ||
    hasRefused(trace, sequence, facts) ||
    reasonsToRefuse(trace, facts).length > 0;
  if (isInvalid) return 'invalid-commands';
  return steps.some(isCommand) ? 'valid-commands' : 'guest';
}

export const reachWords: Readonly<Record<Reach, string>> = {
  guest: 'Reachable by the guest alone',
  'valid-commands': 'Reachable by valid commands',
  'invalid-commands': 'Reachable by commands that QEMU must refuse',
  'debug-only': 'Reachable by debug nodes or x- commands only',
};

/** A request by HMP's qemu-io stands for one of the guest's, and takes a command all the same. */
const isCommand = (step: Step): boolean => 'qmp' in step || ('guest' in step && step.via === 'hmp');

function needsDebugging(step: Step): boolean {
  if ('fault' in step) return step.fault === 'inject';
  if (!('qmp' in step)) return false;
  return step.qmp.startsWith('x-') || namesDebugging(step.args ?? {});
}

function namesDebugging(value: Json): boolean {
  if (Array.isArray(value)) return value.some(namesDebugging);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(
    ([key, inner]) =>
      key.startsWith('x-') ||
      (key === 'driver' && typeof inner === 'string' && debugDrivers.has(inner)) ||
      namesDebugging(inner),
  );
}

/** Nobody's disk is one of these. */
const debugDrivers: ReadonlySet<string> = new Set([
  'blkdebug',
  'blklogwrites',
  'blkreplay',
  'blkverify',
  'null-aio',
  'null-co',
]);

/** A refusal that is the defect itself says nothing against the command. */
function hasRefused(trace: Trace, { steps }: Sequence, facts: Fact): boolean {
  const wronglyRefused = facts.shape === 'reply' && facts.due.includes('success') ? facts.command : undefined;
  const sent = new Map(
    trace.flatMap((seen) => {
      const step = seen.kind === 'command' && seen.step !== undefined ? steps[seen.step] : undefined;
      return seen.kind === 'command' && step && 'qmp' in step ? [[JSON.stringify(seen.id), seen.name]] : [];
    }),
  );
  return trace.some((seen) => {
    const name = seen.kind === 'reply' && seen.error ? sent.get(JSON.stringify(seen.id)) : undefined;
    return name !== undefined && name !== wronglyRefused;
  });
}
