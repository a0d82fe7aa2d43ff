import { refusedOutright, type VerbModel } from '../verb.ts';

/** `block_job_set_speed`: the verb table, then the sign (blockjob.c; 5.2 to 11.1). */
export const setSpeed: VerbModel = {
  name: 'set-speed',
  expect(situation) {
    const refused = refusedOutright('set-speed', situation);
    if (refused) return refused;
    const { speed } = situation.args;
    if (typeof speed !== 'number' || !Number.isSafeInteger(speed))
      return [{ ok: situation.world }, { error: 'GenericError' }];
    if (speed < 0) return [{ error: 'GenericError', desc: "Parameter 'speed' expects a non-negative value" }];
    return [{ ok: situation.world }];
  },
};
