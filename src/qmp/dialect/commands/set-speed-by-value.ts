import type { Members } from '../members.ts';
import { type Args, ask, type Translate } from '../translation.ts';

export const setSpeedMembers: Members = { device: 'string', value: 'int' };

/** `block_job_set_speed`: its `value`, bytes per second, is `speed` today. */
export const setSpeedByValue: Translate = (args) => ask('block-job-set-speed', asSetSpeed(args));

export function asSetSpeed({ value, ...others }: Args): Args {
  return value === undefined ? others : { ...others, speed: value };
}
