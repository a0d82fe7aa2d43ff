import { refusedOutright, type Verb } from '../verb.ts';

/** `job_complete`: a job whose cancellation was asked for, softly or not, can't be completed (job.c; 5.2 to 11.1). */
export const complete: Verb = {
  name: 'complete',
  expect(situation) {
    const { id, world } = situation;
    const refused = refusedOutright('complete', situation);
    if (refused) return refused;
    const cannot = {
      error: 'GenericError',
      desc: `The active block job '${id}' cannot be completed`,
    } as const;
    if (world.cancel !== 'none') return [cannot];
    return [{ ok: { ...world, completeRequested: true } }];
  },
};
