import type { Json } from '../sequence/step.ts';
import type { JobsSeen } from '../trace/jobs-seen.ts';

/**
 * Whether a command makes an image with a key of its own: QEMU first finds out how many rounds of hashing fill a time of
 * its processor's (`iter-time`, 2 s where it is not given), which takes 2 to 5 s of a free one, and on QEMU 7.2 the main
 * loop meanwhile.
 */
export const derivesKeys = (name: string, args: Readonly<Record<string, Json>>): boolean =>
  name === 'blockdev-create' && /"(driver|format)":"luks"/.test(JSON.stringify(args));

/** Whether the job of such a command is still to come, or runs. */
export function isDeriving(jobs: JobsSeen, job: Json | undefined): boolean {
  if (typeof job !== 'string') return false;
  const seen = jobs.job(job);
  return seen === undefined || (seen.status !== 'concluded' && seen.status !== 'null');
}
