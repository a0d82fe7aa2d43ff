import type { Arena } from '../sequence/arena.ts';
import { isCoherent } from '../sequence/coherent.ts';
import { isJsonObject } from '../sequence/json-object.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Json, Step } from '../sequence/step.ts';
import type { Draw } from './draw.ts';
import { generateSequence, imagesOf } from './generate-sequence.ts';
import { drawHabits } from './habits.ts';
import { limits } from './limits.ts';
import { drawSteps, type Mix, swarm } from './mix.ts';
import type { Property } from './property.ts';
import { after, type Binary, begin } from './situation.ts';

type Parents = readonly [Sequence, ...Sequence[]];

/**
 * A variant of sequences that showed something new: one to three edits of the first, or the beginning of the first with
 * the end of the second. A fresh sequence where no variant makes sense.
 */
export function mutate(parents: Parents, property: Property, binary: Binary, draw: Draw): Sequence {
  const mix = swarm(property.steps.weights, draw);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const made = variant(parents, mix, property, binary, draw);
    if (made.steps.length > 0 && isCoherent(made)) return made;
  }
  return generateSequence(property, binary, draw);
}

const attemptsMax = 4;

function variant(parents: Parents, mix: Mix, property: Property, binary: Binary, draw: Draw): Sequence {
  const [{ arena, title, requires, seed }, other] = parents;
  let steps = other ? splice(parents[0], other, draw) : [...parents[0].steps];
  const edits = draw.int(other ? 0 : 1, 3);
  for (let i = 0; i < edits; i++) {
    const edit = draw.oneOf<Edit>([insert, insert, insert, drop, repeat, swap, hurry, retune]);
    steps = edit(steps, draw, (before) => generated(arena, before));
  }
  steps = steps.slice(0, limits.maxSteps).map(tamed);
  return {
    schema: 1,
    title,
    ...(seed === undefined ? {} : { seed }),
    ...(requires === undefined ? {} : { requires }),
    arena,
    steps,
    ...(parents[0].after?.some((claim) => 'content' in claim) ? { after: imagesOf(arena, steps) } : {}),
  };

  /** What the property would do after those steps. */
  function generated(where: Arena, before: readonly Step[]): readonly Step[] {
    const situation = before.reduce(after, begin(binary, where, drawHabits(draw, property.habits)));
    return drawSteps(mix, draw, situation) ?? [];
  }
}

type Edit = (
  steps: readonly Step[],
  draw: Draw,
  generated: (before: readonly Step[]) => readonly Step[],
) => Step[];

const insert: Edit = (steps, draw, generated) => {
  const at = draw.int(0, steps.length);
  return steps.toSpliced(at, 0, ...generated(steps.slice(0, at)));
};

const drop: Edit = (steps, draw) =>
  steps.length < 2 ? [...steps] : steps.toSpliced(draw.int(0, steps.length - 1), 1);

const repeat: Edit = (steps, draw) => {
  const step = steps[draw.int(0, steps.length - 1)];
  return step ? steps.toSpliced(draw.int(0, steps.length), 0, step) : [...steps];
};

const swap: Edit = (steps, draw) => {
  const at = draw.int(0, Math.max(0, steps.length - 2));
  const [a, b] = [steps[at], steps[at + 1]];
  return a && b ? steps.toSpliced(at, 2, b, a) : [...steps];
};

/** Not waiting for an answer, or not waiting any longer, moves the next step into another moment. */
const hurry: Edit = (steps, draw) => {
  const at = draw.int(0, steps.length - 1);
  const step = steps[at];
  if (!step) return [...steps];
  if ('qmp' in step || 'guest' in step) {
    const { wait, ...rest } = step;
    return steps.with(at, wait === false ? rest : { ...step, wait: false });
  }
  return 'await' in step || 'pause' in step ? steps.toSpliced(at, 1) : [...steps];
};

/** Another value for one argument: the other truth, another size, nothing at all. */
const retune: Edit = (steps, draw) => {
  const commands = steps.flatMap((step, at) => ('qmp' in step && step.args ? [{ step, at }] : []));
  if (commands.length === 0) return [...steps];
  const { step, at } = draw.oneOf(commands as [(typeof commands)[0]]);
  const names = Object.keys(step.args ?? {});
  const name = names[draw.int(0, names.length - 1)];
  if (name === undefined) return [...steps];
  const { [name]: value, ...rest } = step.args as Record<string, Json>;
  if (typeof value === 'boolean') return steps.with(at, { ...step, args: { ...rest, [name]: !value } });
  if (typeof value === 'number') {
    const other = draw.oneOf([0, 1, 512, 65_536, 2 ** 20, value * 2, Math.floor(value / 2)]);
    return steps.with(at, { ...step, args: { ...rest, [name]: other } });
  }
  return isJsonObject(value) ? [...steps] : steps.with(at, { ...step, args: rest });
};

/** The other's disks go by the first's names, in the order in which they stand. */
function splice(first: Sequence, second: Sequence, draw: Draw): Step[] {
  const names = new Map(
    second.arena.disks.map(({ name }, i) => [
      name,
      first.arena.disks[i]?.name ?? first.arena.disks[0]?.name ?? name,
    ]),
  );
  const tail = second.steps.slice(draw.int(0, second.steps.length));
  return [
    ...first.steps.slice(0, draw.int(1, first.steps.length)),
    ...tail.map((step) => renamed(step, names) as Step),
  ];
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, names));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each, names)]));
}

/**
 * What the author of a sequence expected of it does not hold of its variants, and what he waited for may never come:
 * such waits get a variant's patience.
 */
export function tamed(step: Step): Step {
  if ('await' in step) {
    const { expect: _, deadlineMs = limits.awaitDeadlineMsMax, ...rest } = step;
    return { ...rest, deadlineMs: Math.min(deadlineMs, limits.awaitDeadlineMsMax) };
  }
  if ('pause' in step) return { ...step, pause: Math.min(step.pause, limits.pauseMsMax) };
  if (!('expect' in step)) return step;
  const { expect: _, ...rest } = step;
  return rest;
}
