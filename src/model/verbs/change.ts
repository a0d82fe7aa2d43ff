import { refusedOutright, type Verb } from '../verb.ts';

/**
 * `block-job-change` (8.2 on): which changes a live job takes depends on its type and copy mode, and QEMU does not
 * compare `type` with the job, so for a live job either answer stands.
 */
export const change: Verb = {
  name: 'change',
  expect: (situation) =>
    refusedOutright('change', situation) ?? [{ ok: situation.world }, { error: 'GenericError' }],
};
