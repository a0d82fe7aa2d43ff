/** A figure of a job that is out of bounds, or is not what was set. */
export type FigureFact = { shape: 'figure'; job: string; type: string | undefined } & (
  | { is: 'beyond'; offset: number; len: number }
  | { is: 'went back' | 'moved while paused'; before: number; offset: number }
  /** By more than a tail of `grainBytes`. */
  | { is: 'len shrank'; before: number; len: number; grainBytes: number }
  | {
      is: 'ready early' | 'completed early' | 'gave up early' | 'failed at its end';
      offset: number;
      len: number;
    }
  | { is: 'too fast'; len: number; speed: number; tookMs: number; leastMs: number }
  | { is: 'too fast between'; bytes: number; mostBytes: number; speed: number; tookMs: number }
  | { is: 'wrong speed'; speed: number; set: readonly number[] }
  | { is: 'wrong type'; shown: string; started: string }
);

export function figureWords(fact: FigureFact): string {
  return `job ${fact.job}: ${what(fact)}`;
}

function what(fact: FigureFact): string {
  switch (fact.is) {
    case 'beyond':
      return `offset ${fact.offset}, len ${fact.len}`;
    case 'went back':
      return `offset ${fact.before} -> ${fact.offset}`;
    case 'moved while paused':
      return `offset ${fact.before} -> ${fact.offset} while paused`;
    case 'len shrank':
      return `len ${fact.before} -> ${fact.len}`;
    case 'ready early':
      return `READY at ${fact.offset} of ${fact.len}`;
    case 'completed early':
      return `completed at ${fact.offset} of ${fact.len}`;
    case 'gave up early':
      return `ended at ${fact.offset} of ${fact.len}, though it was to ignore errors`;
    case 'failed at its end':
      return `ended by a read that failed, and yet at ${fact.offset} of ${fact.len}`;
    case 'too fast':
      return `${fact.len} bytes at ${fact.speed} bytes/s took ${fact.tookMs} ms, at least ${fact.leastMs} ms are due`;
    case 'too fast between':
      return `${fact.bytes} bytes in ${fact.tookMs} ms at ${fact.speed} bytes/s, at most ${fact.mostBytes} can be`;
    case 'wrong speed':
      return `speed ${fact.speed}, but ${fact.set.join(' or ')} was set`;
    case 'wrong type':
      return `type ${fact.shown}, but it was started as ${fact.started}`;
    default:
      return fact satisfies never;
  }
}

/** Figures themselves are the sequence's choice. */
export const figureSignature = ({ type = 'job', is }: FigureFact): string => `${type} ${is}`;
