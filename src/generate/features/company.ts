import type { Disk } from '../../sequence/arena.ts';
import { errorsOf, type InjectStep, type Step } from '../../sequence/step.ts';
import { isSlow } from '../situation.ts';
import { pairs } from '../steps/in-company.ts';
import {
  type Drawn,
  type Feature,
  firstStart,
  hasCommand,
  isCommand,
  isGuest,
  type Moment,
  verbOf,
  worksOn,
} from './feature.ts';
import { inFlightAt } from './numbers.ts';

const isInject = (step: Step): step is InjectStep => 'fault' in step && step.fault === 'inject';
const injectWhere = (name: string, is: (step: InjectStep, moment: Moment) => boolean): Feature => ({
  name,
  needs: hasCommand('blockdev-reopen'),
  holds: ({ moments }) => moments.some((moment) => isInject(moment.step) && is(moment.step, moment)),
});
const isFailing = ({ layers = [] }: Disk): boolean => layers.some((layer) => 'blkdebug' in layer);
const hasError = ({ sequence: { arena, steps } }: Drawn): boolean =>
  arena.disks.some(isFailing) || steps.some(isInject);
const hasLimit = ({ sequence: { arena }, moments }: Drawn): boolean =>
  arena.disks.some(({ layers = [] }) => layers.some((layer) => 'throttle' in layer)) ||
  moments.some(
    (moment) => verbOf(moment)?.verb.name === 'set-speed' || moment.now.jobs.some(({ held }) => held),
  );
const isRead = ({ sequence: { after = [] } }: Drawn): boolean => after.length > 0;
const verbsIn = ({ moments }: Drawn): number =>
  new Set(moments.flatMap((moment) => verbOf(moment)?.verb.name ?? [])).size;
const isLook = (step: Step | undefined): boolean =>
  step !== undefined && (isCommand(step, 'query-block-jobs') || isCommand(step, 'query-jobs'));

/** Looks at the jobs right after what `is` says, so many in a row. */
const looksAfter = (name: string, looks: number, is: (moment: Moment) => boolean): Feature => ({
  name,
  holds: ({ moments }) =>
    moments.some(
      (moment) =>
        is(moment) &&
        moments.slice(moment.at + 1, moment.at + 4).filter(({ step }) => isLook(step)).length >= looks,
    ),
});

/** Ingredients that meet. */
export const company: readonly Feature[] = [
  {
    name: 'an error is armed before the first job',
    holds: (drawn) =>
      firstStart(drawn) !== undefined &&
      (drawn.sequence.arena.disks.some(isFailing) ||
        drawn.sequence.steps.slice(0, firstStart(drawn)).some(isInject)),
  },
  injectWhere('an error is armed while a job copies', ({ disk }, { now }) =>
    now.jobs.some((job) => job.status === 'running' && job.held && worksOn(job, disk)),
  ),
  injectWhere('an error is armed after READY', ({ disk }, { now }) =>
    now.jobs.some((job) => job.status === 'ready' && worksOn(job, disk)),
  ),
  injectWhere('an error on a backing file', ({ disk }, { now }) =>
    now.arena.disks.some(({ backing }) => backing === disk),
  ),
  injectWhere('an error in the middle of a chain', ({ disk }, { now: { arena } }) =>
    arena.disks.some(
      (each) =>
        each.backing === disk &&
        arena.disks.some(({ name, backing }) => name === disk && backing !== undefined),
    ),
  ),
  ...(['source', 'target'] as const).map((side) =>
    injectWhere(`an error on the ${side} of a job`, ({ disk }, { now }) =>
      now.jobs.some((job) => job[side] === disk),
    ),
  ),
  injectWhere('an error once', (step) => errorsOf(step).some(({ once }) => once)),
  injectWhere('an error on two disks at once', ({ disk }, { now }) =>
    now.faulty.some((other) => other !== disk),
  ),
  injectWhere('two errors on one disk', (step) => errorsOf(step).length > 1),
  { name: 'images are read where an error was', holds: (drawn) => isRead(drawn) && hasError(drawn) },
  { name: 'images are read where a limit was', holds: (drawn) => isRead(drawn) && hasLimit(drawn) },
  { name: 'images are read where verbs met', holds: (drawn) => isRead(drawn) && verbsIn(drawn) > 1 },
  {
    name: 'a guest acts before the first job',
    holds: (drawn) => drawn.sequence.steps.slice(0, firstStart(drawn) ?? 0).some((step) => isGuest(step)),
  },
  {
    name: 'a guest zeroes whole clusters before the first job',
    holds: (drawn) =>
      drawn.sequence.steps
        .slice(0, firstStart(drawn) ?? 0)
        .some((step) => isGuest(step, 'zero') && (step.lengthBytes ?? 0) >= 65_536),
  },
  ...(['reads', 'writes'] as const).map((only) => ({
    name: `a node is slow for ${only} only`,
    holds: ({ sequence: { arena, steps } }: Drawn) =>
      arena.disks.some(({ layers = [] }) =>
        layers.some((layer) => 'throttle' in layer && layer.throttle.only === only),
      ) || steps.some((step) => 'fault' in step && step.fault === 'throttle' && step.only === only),
  })),
  {
    name: 'a verb for a job that was asked to end',
    holds: ({ moments }) => moments.some((moment) => verbOf(moment)?.job.ending === true),
  },
  {
    name: 'a verb with a request in flight and nothing dirty',
    holds: (drawn) =>
      drawn.moments.some((moment) => {
        const job = verbOf(moment)?.job;
        return job?.status === 'ready' && isSlow(moment.now, job) && inFlightAt(drawn, moment.at) > 0;
      }),
  },
  ...pairs.map(({ name, first, second }) => ({
    name,
    holds: ({ moments }: Drawn): boolean =>
      moments.some((moment, i) => {
        const next = moments[i + 1]?.step;
        const isOne =
          isCommand(moment.step, first.command) &&
          (first.with?.force !== true || moment.step.args?.force === true);
        return isOne && next !== undefined && isCommand(next, second.command);
      }),
  })),
  looksAfter('a look after a resume', 1, (moment) => verbOf(moment)?.verb.name === 'resume'),
  looksAfter('two looks after a new limit', 2, (moment) => verbOf(moment)?.verb.name === 'set-speed'),
  looksAfter(
    'a look after a guest write in standby',
    1,
    ({ step, now }) => isGuest(step, 'write') && now.jobs.some(({ status }) => status === 'standby'),
  ),
];
