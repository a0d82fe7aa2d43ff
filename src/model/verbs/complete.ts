import { hasTrait } from '../../qemu/versions.ts';
import { type Expected, refusedOutright, type VerbModel } from '../verb.ts';

/** `job_complete`: a job whose cancellation was asked for, softly or not, can't be completed (job.c; 5.2 to 11.1). */
export const complete: VerbModel = {
  name: 'complete',
  expect(situation) {
    const { id, world, version, replacedGone } = situation;
    const refused = refusedOutright('complete', situation);
    if (refused) return refused;
    const cannot = {
      error: 'GenericError',
      desc: `The active block job '${id}' cannot be completed`,
    } as const;
    if (world.cancel !== 'none') return [cannot];
    const standsBy = hasTrait(version, 'complete in standby');
    // Before, a pause that is asked for, though not in force yet, stands in the way (job_complete, pause_count).
    if (!standsBy && world.userPaused) return [cannot];
    const accepted: Expected[] = [{ ok: { ...world, completeRequested: true } }];
    // `replaces` is looked up by its name once more, the first time that it is asked for (mirror_complete; 5.2 to 11.1).
    if (replacedGone !== undefined && !world.completeRequested)
      accepted.push({ error: 'GenericError', desc: `Node name '${replacedGone}' not found` });
    // Another command's drain may still be in force, and no event shows it.
    return standsBy ? accepted : [...accepted, cannot];
  },
};
