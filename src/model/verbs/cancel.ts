import { isReady } from '../job-machine.ts';
import { isBlockJobType } from '../job-start.ts';
import { refusedOutright, type VerbModel } from '../verb.ts';

/**
 * `job-cancel` is always by force. `block-job-cancel` without force is refused while the user has paused the job
 * (blockdev.c, qmp_block_job_cancel), and soft only once the job is ready: before, and for jobs that never get ready,
 * it is a cancel like any other (docs/interop/live-block-operations.rst). Tried on 5.2 to 11.1.
 */
export const cancel: VerbModel = {
  name: 'cancel',
  expect(situation) {
    const { id, world, status, args, spelling } = situation;
    const byForce = spelling === 'job' || args.force === true;
    const refused = refusedOutright('cancel', situation);
    const paused = {
      error: 'GenericError',
      desc: `The block job for device '${id}' is currently paused`,
    } as const;
    const exists = status !== 'absent' && status !== 'null' && isBlockJobType(situation.type);
    // The pause is looked at before the verb table; a job paused and concluded gives this answer too.
    if (!byForce && exists && world.userPaused) return [paused];
    if (refused) return refused;
    if (byForce || !isReady(status)) return [{ ok: { ...world, userPaused: false, cancel: 'force' } }];
    return [{ ok: { ...world, cancel: world.cancel === 'force' ? 'force' : 'soft' } }];
  },
};
