import { type Feature, hasVerb, isCommand, onlyWhere, someStep, verbOf } from './feature.ts';

const verb = (name: string): Feature[] =>
  onlyWhere(
    hasVerb(name),
    someStep(`${name} of a job`, (moment) => verbOf(moment)?.verb.name === name),
  );
const starts = (type: string): Feature => ({
  name: `a ${type} begins`,
  holds: ({ moments, end }) =>
    [...moments.map(({ now }) => now), end].some(({ jobs }) => jobs.some((job) => job.type === type)),
});

/** Whether there is anything to see: jobs, and what is done to them. */
export const jobs: readonly Feature[] = [
  { name: 'no job begins', holds: ({ end }) => end.usedJobIds.length === 0 },
  ...['mirror', 'backup', 'commit', 'stream'].map(starts),
  ...['pause', 'resume', 'cancel', 'complete', 'finalize', 'dismiss', 'set-speed', 'change'].flatMap(verb),
  {
    name: 'two jobs live at once',
    holds: ({ moments }) => moments.some(({ now }) => now.jobs.length > 1),
  },
  someStep('a transaction', ({ step }) => isCommand(step, 'transaction')),
  { name: 'images are read', holds: ({ sequence: { after = [] } }) => after.length > 0 },
];
