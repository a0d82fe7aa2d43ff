import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, Step } from '../../sequence/step.ts';
import type { SequenceChange } from '../change.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** Steps, the last first. Where a job's start goes, the later jobs' numbers may have to come down by one. */
export const steps: Pass = {
  name: 'steps',
  sites: (sequence) =>
    sequence.steps
      .map((step, i): SequenceChange[] => {
        const gone = { path: ['steps', i] };
        return startsJob(step) ? [[gone], [gone, ...renumbered(sequence, i)]] : [[gone]];
      })
      .reverse(),
};

const startsJob = (step: Step): boolean => 'qmp' in step && step.args?.['job-id'] !== undefined;

/** What `#N` are to be called when the job started at `start` is no more; jobs are numbered in the order of their start. */
function renumbered({ steps }: Sequence, start: number): SequenceChange {
  const number = steps.slice(0, start).filter(startsJob).length;
  return [...placesIn(steps.slice(start + 1) as Json, [])].flatMap(({ path: [step, ...inside], value }) => {
    const named = typeof value === 'string' ? /^#(\d{1,3})$/.exec(value)?.[1] : undefined;
    return named !== undefined && Number(named) > number
      ? [{ path: ['steps', start + 1 + Number(step), ...inside], to: `#${Number(named) - 1}` }]
      : [];
  });
}
