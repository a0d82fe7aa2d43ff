import type { JobVerb } from '../../qemu/card.ts';
import { cardOf } from '../../qemu/cards.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { GuestStep, QmpStep, Step } from '../../sequence/step.ts';
import type { GuessedJob } from '../guesses.ts';
import { after, type Binary, begin, jobNamed, type Situation } from '../situation.ts';

/** Something that a sequence has or has not: what `hunt --dry-run N` counts. */
export type Feature = { name: string; holds: (drawn: Drawn) => boolean };

/** A sequence, and what the generator believes at each of its steps. */
export type Drawn = { sequence: Sequence; moments: readonly Moment[]; end: Situation };

/** `now` is what is believed before the step. */
export type Moment = { step: Step; at: number; now: Situation };

export function drawnFrom(sequence: Sequence, binary: Binary): Drawn {
  let now = begin(binary, sequence.arena);
  const moments = sequence.steps.map((step, at) => {
    const moment = { step, at, now };
    now = after(now, step);
    return moment;
  });
  return { sequence, moments, end: now };
}

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
