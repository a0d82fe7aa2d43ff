import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { UsageError } from './errors.ts';

/**
 * The bytes of a file that somebody names, or of a pipe. Throws UsageError for what has no end (/dev/zero), for what is
 * larger than anything that is meant here, and for a pipe in which nothing comes: none of these may hang or fill memory.
 */
export function readFile(file: string, mostBytes: number): Buffer {
  try {
    // Else opening a pipe waits for who writes to it.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return read(descriptor, mostBytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new UsageError(`${file}: can't be read: ${(error as Error).message}`);
  }
}

/** The most of each kind; a thousand times what is usual. */
export const fileLimits = {
  /** A sequence, a finding. Its lines are looked up in a tree of a hundred times its size. */
  jsonBytes: 4 * 2 ** 20,
  /** A trace. Its observations take several times as much memory, of which Node has 4 GiB. */
  traceBytes: 128 * 2 ** 20,
} as const;

function read(descriptor: number, mostBytes: number): Buffer {
  const stat = fstatSync(descriptor);
  if (!stat.isFile() && !stat.isFIFO()) throw new Error('it is neither a file nor a pipe');
  const chunks: Buffer[] = [];
  let size = 0;
  for (let waitedMs = 0; ; ) {
    if (Math.max(size, stat.size) > mostBytes)
      throw new Error(`it has more than ${mebibytes(mostBytes)} MiB`);
    const chunk = Buffer.allocUnsafe(2 ** 18);
    const count = readNow(descriptor, chunk);
    if (count === 0) return Buffer.concat(chunks);
    if (count === undefined) {
      if (waitedMs >= pipeWaitMs) throw new Error(`nothing came through the pipe in ${pipeWaitMs / 1000} s`);
      pause(pollMs);
      waitedMs += pollMs;
      continue;
    }
    waitedMs = 0;
    chunks.push(chunk.subarray(0, count));
    size += count;
  }
}

/** undefined where a pipe has nothing yet. */
function readNow(descriptor: number, chunk: Buffer): number | undefined {
  try {
    return readSync(descriptor, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Whoever writes has begun by then, or waits for us. */
const pipeWaitMs = 5000;
const pollMs = 20;

const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const mebibytes = (bytes: number): number => bytes / 2 ** 20;
