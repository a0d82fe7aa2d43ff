/**
 * The names in Redis besides BullMQ's own, all below the prefix. Redis's clock alone says what is old: machines' clocks
 * differ.
 */
export const keys = (prefix: string) => ({
  /** JSON, `campaignSchema`: what is hunted for. One campaign a prefix. */
  campaign: `${prefix}:campaign`,
  /** JSON, `progressSchema`: the coordinator's figures, renewed every second. */
  progress: `${prefix}:progress`,
  /** JSON, `askedSchema`: how far a gate or a prune is. */
  asked: `${prefix}:asked`,
  /** Lives as long as the coordinator beats; its value says who that is. */
  coordinator: `${prefix}:coordinator`,
  /** Worker ids, with the second of Redis's clock in which each was heard last. */
  workers: `${prefix}:workers`,
  /** Hash: id to JSON, `workerSchema`. */
  workersSaid: `${prefix}:workers:said`,
  /** Streams of a campaign: what was novel (sequences), masks, signatures known. */
  news: `${prefix}:news`,
});

/** BullMQ's queues; each program has two for hunts, so that no number of crashes keeps a machine from hunting. */
export const queueNames = {
  hunt: (program: string) => `hunt-${program}`,
  task: (program: string) => `task-${program}`,
  /** Only those who have the baseline, too, take from it. */
  gate: (candidate: string) => `gate-${candidate}`,
  results: 'results',
} as const;
