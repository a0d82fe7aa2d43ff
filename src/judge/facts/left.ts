/** What the settled session still has, or more than it had. */
export type LeftFact = { shape: 'left' } & (
  | { what: LeftThing; names: readonly string[]; by?: LeftBy }
  | { what: 'descriptors' | 'iothreads'; before: number; after: number }
  /** A start was refused, and yet its job is there. */
  | { what: 'job of refused start'; command: string; job: string }
  | { what: 'memory'; beforeMib: number; afterMib: number }
);

/** The job, or the device, that has most likely left it: how its start was spelled, its type or driver, and how it went. */
export type LeftBy = { command: string; type: string; ended: 'well' | 'refused' | 'failed' };

/** As a `leftover` of the trace calls them. */
export type LeftThing = 'node' | 'job' | 'export' | 'object' | 'file';

export function leftWords(fact: LeftFact): string {
  switch (fact.what) {
    case 'descriptors':
    case 'iothreads':
      return `${fact.before} ${fact.what} before, ${fact.after} after`;
    case 'memory':
      return `${fact.afterMib} MiB resident, ${fact.beforeMib} MiB when the session was warm`;
    case 'job of refused start':
      return `${fact.command} was refused, and job ${fact.job} is there`;
    default:
      return `${fact.what} left behind: ${fact.names.join(', ')}`;
  }
}
