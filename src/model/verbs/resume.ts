import { isBlockJobType } from '../job-start.ts';
import { refusedOutright, type VerbModel } from '../verb.ts';

/** `job_user_resume` asks whether the user paused the job before it looks at the verb table (job.c; 5.2 to 11.1). */
export const resume: VerbModel = {
  name: 'resume',
  expect(situation) {
    const { status, world, type, spelling } = situation;
    const hidden = spelling === 'block-job' && !isBlockJobType(type);
    const gone = status === 'absent' || status === 'null' || hidden;
    if (!gone && !world.userPaused) {
      return [{ error: 'GenericError', desc: "Can't resume a job that was not paused" }];
    }
    return refusedOutright('resume', situation) ?? [{ ok: { ...world, userPaused: false } }];
  },
};
