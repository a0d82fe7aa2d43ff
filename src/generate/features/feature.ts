import type { JobVerb } from '../../qemu/card.ts';
import { cardOf } from '../../qemu/cards.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { GuestStep, QmpStep, Step } from '../../sequence/step.ts';
import type { GuessedJob } from '../guesses.ts';
import { after, type Binary, begin, jobNamed, type Situation } from '../situation.ts';
import { hasDriver, offers } from '../steps/command.ts';

/** Something that a sequence has or has not: what `hunt --dry-run N` counts. */
export type Feature = {
  name: string;
  holds: (drawn: Drawn) => boolean;
  /** Whether a sequence for that binary can have it; absent: for any. */
  needs?: Needs;
};
export type Needs = (binary: Binary) => boolean;

/** A sequence, and what the generator believes at each of its steps. */
export type Drawn = { sequence: Sequence; moments: readonly Moment[]; end: Situation };

/** `now` is what is believed before the step; `before`: the steps before it. */
export type Moment = { step: Step; at: number; now: Situation; before: readonly Step[] };

export function drawnFrom(sequence: Sequence, binary: Binary): Drawn {
  let now = begin(binary, sequence.arena);
  const moments = sequence.steps.map((step, at) => {
    const moment = { step, at, now, before: sequence.steps.slice(0, at) };
    now = after(now, step);
    return moment;
  });
  return { sequence, moments, end: now };
}

/** The same features, for binaries of that kind alone. */
export const onlyWhere = (needs: Needs, ...features: readonly Feature[]): Feature[] =>
  features.map((feature) => ({
    ...feature,
    needs: (binary) => needs(binary) && (feature.needs?.(binary) ?? true),
  }));

/** It has the command, and that argument of it where one is named. */
export const hasCommand =
  (command: string, argument?: string): Needs =>
  (binary) =>
    offers({ binary }, command, argument);

/** Whether jobs take the verb of that name. */
export const hasVerb =
  (name: string): Needs =>
  ({ schema }) =>
    [...schema.commands.keys()].some((command) => cardOf(command)?.verb?.name === name);

export const hasNode =
  (...drivers: readonly string[]): Needs =>
  (binary) =>
    drivers.every((driver) => hasDriver(binary, driver));

/** A feature of the steps: one of them is so. */
export const someStep = (name: string, is: (moment: Moment) => boolean): Feature => ({
  name,
  holds: ({ moments }) => moments.some(is),
});

/** A feature of the arena: one of its disks is so. */
export const someDisk = (name: string, is: (disk: Disk, all: readonly Disk[]) => boolean): Feature => ({
  name,
  holds: ({ sequence: { arena } }) => arena.disks.some((disk) => is(disk, arena.disks)),
});

/** The command is sent, with arguments that the schema allows. */
export const sends = (command: string, is: (step: QmpStep) => boolean = () => true): Feature =>
  someStep(command, ({ step }) => isCommand(step, command) && is(step as QmpStep));

export const isCommand = (step: Step, command: string): step is QmpStep =>
  'qmp' in step && step.qmp === command;

export const isGuest = (step: Step, ...kinds: GuestStep['guest'][]): step is GuestStep =>
  'guest' in step && (kinds.length === 0 || kinds.includes(step.guest));

/** The verb of a step, and the job that it means, where one is believed to live. */
export function verbOf({ step, now }: Moment): { verb: JobVerb; job: GuessedJob } | undefined {
  if (!('qmp' in step)) return undefined;
  const verb = cardOf(step.qmp)?.verb;
  const job = verb && jobNamed(now, step.args?.[verb.id]);
  return verb && job ? { verb, job } : undefined;
}

/** Where the first job begins; undefined where none does. */
export const firstStart = ({ moments, end }: Drawn): number | undefined =>
  moments.find(({ at }) => (moments[at + 1]?.now ?? end).usedJobIds.length > 0)?.at;

/** Works on that disk: copies from it or to it. */
export const worksOn = ({ source, target }: GuessedJob, disk: string): boolean =>
  source === disk || target === disk;
