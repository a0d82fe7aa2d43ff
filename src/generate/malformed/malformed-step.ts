import type { JsonObject } from '../../sequence/json-object.ts';
import { asReference } from '../../sequence/reference.ts';
import type { Json, QmpStep, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { hostileCommands } from './commands.ts';
import { type Draft, placesOf } from './draft.ts';
import { everyKind } from './every-kind.ts';
import { isConfined } from './file-names.ts';
import { isKnownToFail } from './known-failures.ts';
import { holdsQemuUp } from './known-values.ts';
import { malformedLimits } from './limits.ts';
import { mutations, textMutations } from './mutations.ts';
import { validArguments } from './valid-arguments.ts';

/**
 * A command of this binary with one thing or two wrong in it; undefined where nothing came of a few attempts. What is
 * wrong is mostly refused, but not always: a boundary value may be in range. As raw bytes where JSON can't say it.
 */
export function malformedStep(draw: Draw, situation: Situation): Step | undefined {
  for (let attempt = 0; attempt < malformedLimits.attempts; attempt++) {
    const step = draw.chance(malformedLimits.textShare)
      ? brokenText(draw, situation)
      : brokenCommand(draw, situation);
    if (step) return step;
  }
  return undefined;
}

/** That command with nothing wrong in it; undefined where this binary lacks it, or where it is known to fell QEMU. */
export function soundStep(draw: Draw, situation: Situation, command: string): QmpStep | undefined {
  if (!situation.binary.schema.commands.has(command)) return undefined;
  const draft = { command, args: validArguments(draw, situation, command) };
  if (!isSendable(draw, situation, draft)) return undefined;
  return { qmp: command, args: sealed(draft.args, situation) };
}

/** Unless it is known to fell QEMU or does harm to the arena. */
export const isSendable = (draw: Draw, situation: Situation, draft: Draft): boolean =>
  !isHarmful(draft) && mayBeSent(draw, situation, draft);

function brokenCommand(draw: Draw, situation: Situation): Step | undefined {
  if (draw.chance(malformedLimits.everyKindShare)) {
    const draft = everyKind(draw, situation);
    return draft && isSendable(draw, situation, draft)
      ? { qmp: draft.command, args: sealed(draft.args, situation) }
      : undefined;
  }
  const before = validCommand(draw, situation);
  if (!before) return undefined;
  let draft = before;
  if (!draw.chance(malformedLimits.unbrokenShare) || isHarmful(before)) {
    const wanted = draw.chance(malformedLimits.twiceShare) ? 2 : 1;
    for (let i = 0; i < wanted; i++) draft = mutated(draw, situation, draft);
    if (JSON.stringify(draft) === JSON.stringify(before)) return undefined;
  }
  if (!mayBeSent(draw, situation, draft)) return undefined;
  return { qmp: draft.command, args: sealed(draft.args, situation) };
}

/** Stopping the server closes the arena's exports, and with them the guest's way to its disk. */
const isHarmful = ({ command }: Draft): boolean => command === 'nbd-server-stop';

function brokenText(draw: Draw, situation: Situation): Step | undefined {
  const draft = validCommand(draw, situation);
  if (!draft || !mayBeSent(draw, situation, draft)) return undefined;
  const places = placesOf(situation.binary.schema, draft);
  return draw.oneOf(textMutations).apply(draw, draft, { situation, places });
}

function validCommand(draw: Draw, situation: Situation): Draft | undefined {
  const { schema } = situation.binary;
  const command = draw.weighted(
    Object.entries(hostileCommands).map(
      ([name, weight]) => [schema.commands.has(name) ? weight : 0, name] as const,
    ),
  );
  return command === undefined ? undefined : { command, args: validArguments(draw, situation, command) };
}

/** The draft as it is where the mutation that was drawn finds nothing to break. */
function mutated(draw: Draw, situation: Situation, draft: Draft): Draft {
  const mutation = draw.weighted(mutations.map((each) => [each.weight, each] as const));
  const places = placesOf(situation.binary.schema, draft);
  return mutation?.apply(draw, draft, { situation, places }) ?? draft;
}

/** What is known to fell QEMU, or takes long, goes out now and then only: else every run would end there. */
function mayBeSent(draw: Draw, situation: Situation, draft: Draft): boolean {
  if (!isConfined(draft)) return false;
  if (holdsQemuUp(draft.args) && !draw.chance(malformedLimits.slowShare)) return false;
  return !isKnownToFail(draft, situation) || draw.chance(malformedLimits.knownFailureShare);
}

/** A mutilated object must not turn into a late-bound reference: `{"node": …}` of a bitmap without its name. */
function sealed(args: JsonObject, situation: Situation): JsonObject {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, seal(value, situation)]));
}

function seal(value: Json, situation: Situation): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner) => seal(inner, situation));
  const reference = asReference(value);
  if (!reference) return sealed(value, situation);
  const accidental =
    reference.kind === 'node' ||
    (reference.kind === 'path' && !situation.arena.disks.some(({ name }) => name === reference.disk));
  return accidental ? { literal: value } : value;
}
