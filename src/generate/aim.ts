import { jobCommands } from '../model/job-commands.ts';
import type { JobStatus } from '../qemu/job-statuses.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Step } from '../sequence/step.ts';
import type { Draw } from './draw.ts';
import { drawHabits } from './habits.ts';
import { limits } from './limits.ts';
import { hostileCommands } from './malformed/commands.ts';
import { soundStep } from './malformed/malformed-step.ts';
import { tamed } from './mutate.ts';
import type { Property } from './property.ts';
import { after, type Binary, begin, type Situation } from './situation.ts';

/** Before that step, in one run, these jobs lived and stood there. */
export type Moment = { step: number; jobs: Readonly<Record<string, JobStatus>> };

/** `met`: commands that have been answered in each status, and in all of the moment's at once (`together`). */
export type Aim = {
  parent: Sequence;
  moment: Moment;
  together: string;
  met: Readonly<Record<string, readonly string[]>>;
};

/**
 * The parent with a few commands more, at a moment when its jobs stood in statuses that have not met those commands yet.
 * undefined where there are none left, or none can be made.
 */
export function aim(to: Aim, property: Property, binary: Binary, draw: Draw): Sequence | undefined {
  const { parent, moment } = to;
  const before = parent.steps.slice(0, moment.step);
  let situation = before.reduce(after, begin(binary, parent.arena, drawHabits(draw, property.habits)));
  const added: Step[] = [];
  const wanted = draw.int(1, limits.aimedStepsMax);
  for (let attempt = 0; added.length < wanted && attempt < 2 * wanted; attempt++) {
    const step = unmet(to, situation, added, draw);
    if (!step) continue;
    added.push(step);
    situation = after(situation, step);
  }
  if (added.length === 0) return undefined;
  const steps = [...before, ...added, ...parent.steps.slice(moment.step)];
  return { ...parent, steps: steps.slice(0, limits.maxSteps).map(tamed) };
}

/** A command that this binary has and this status has not met. A job's verb goes to one of the moment's jobs. */
function unmet(
  { moment, together, met }: Aim,
  situation: Situation,
  added: readonly Step[],
  draw: Draw,
): Step | undefined {
  const job = draw.anyOf(Object.keys(moment.jobs));
  const status = job === undefined ? undefined : moment.jobs[job];
  const isNew = (command: string): boolean => {
    const where = jobCommands[command] ? status : together;
    const isAdded = added.some((step) => 'qmp' in step && step.qmp === command);
    return where !== undefined && !isAdded && !met[where]?.includes(command);
  };
  const command = draw.weighted(
    Object.entries(hostileCommands).map(([name, weight]) => [isNew(name) ? weight : 0, name] as const),
  );
  const step = command === undefined ? undefined : soundStep(draw, situation, command);
  const verb = jobCommands[command ?? ''];
  return step && verb ? { ...step, args: { ...step.args, [verb.idArgument]: job as string } } : step;
}
