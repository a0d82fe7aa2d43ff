/**
 * By what an image has come to hold wrong data, as far as a trace tells it: enough to keep two defects apart, and nothing
 * that the sequence chose. The same loss has the same cause whether a guest reads it or the image is read in the end.
 */
export type ContentCause = {
  /** The job that has written the image, or moved the guest's disk; undefined where none has. */
  job?: CopyJob;
  /** QEMU was killed afterwards: only what was flushed is due. */
  killed?: true;
  /** Nothing was to write the image at all. */
  untouched?: true;
  lost: Lost;
};

export type CopyJob = {
  type: string;
  copies: 'to it' | 'from it';
  /** Of a mirror: the guest's writes go to the target at once. */
  writeBlocking: boolean;
  /** `full`, or any of those that copy less. */
  sync?: 'full' | 'part';
  ended:
    | 'finished'
    | 'completed'
    | 'cancelled'
    | 'by quit'
    | 'by force'
    | 'with QEMU'
    | 'failed'
    | 'unclear'
    | 'not';
  /** Errors that the job met last: of which side, and what it did about it. */
  error?: { operation: string; action: string };
};

export type Lost = {
  /** What lies there instead: older data or zeroes, newer data, data of another place, or nobody's. */
  found: 'older' | 'newer' | 'misplaced' | 'foreign';
  /** What is due was there before the job (before the steps, where there is no job); or was written since. */
  due: 'before' | 'meanwhile' | 'while pending' | 'after';
  /** The guest's request that is lost; undefined where what was there before is. */
  request?: 'write' | 'zero' | 'discard';
  /** A guest's request of since the job's start has changed the same bytes, or others of the same clusters. */
  near?: 'under a request' | 'beside a request';
  /** All of it lies in a last grain that is no whole one. */
  inOddEnd?: true;
  /** The request was in flight when a node of its disk was changed. */
  inFlightAt?: 'reopen' | 'snapshot';
};
