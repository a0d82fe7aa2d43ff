/** `JobStatus` of qapi/job.json, in the order of a job's life. */
export const jobStatuses = [
  'undefined',
  'created',
  'running',
  'paused',
  'ready',
  'standby',
  'waiting',
  'pending',
  'aborting',
  'concluded',
  'null',
] as const;
export type JobStatus = (typeof jobStatuses)[number];
