import type { Dialect } from '../../sequence/sequence.ts';

/** A command of today's QEMU about jobs that the QEMU of that time had not. */
export const isAbsent = (dialect: Dialect, name: string): boolean =>
  laterThanBoth.test(name) || (dialect === 'rhel6' && laterThanRhel6.has(name));

/** `query-jobs` and JOB_STATUS_CHANGE came with QEMU 2.12. */
export const isHiddenEvent = (name: string): boolean => name === 'JOB_STATUS_CHANGE';

/** The commands of the dialect that no QEMU of today has. */
export const namesOfOld: Record<Dialect, readonly string[]> = {
  rhel6: ['__com.redhat_drive-mirror', '__com.redhat_drive-reopen', 'block_job_set_speed'],
  rhel7: [],
};

const laterThanBoth =
  /^(job-.*|query-jobs|query-qmp-schema|blockdev-(mirror|backup|create)|drive-backup|block-job-(finalize|dismiss|change)|x-blockdev-amend|snapshot-(save|load|delete))$/;

const laterThanRhel6: ReadonlySet<string> = new Set([
  'drive-mirror',
  'block-commit',
  'block-job-pause',
  'block-job-resume',
  'block-job-complete',
]);
