import { complain } from './complain.ts';
import { exitCodes } from './exit-code.ts';

/*
 * `mirrorfuzz … | head`: the reader's leaving is its choice, not an error. A command that only prints ends there and
 * then; one that has something to save is interrupted, as by Ctrl-C. Any other failure to print, as of a log on a full
 * disk, is said once, and ends only what has nothing else to do.
 */
let windDown: (() => void) | undefined;
let said = false;

export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', failed);
}

/** Returns the function that takes it back. */
export function onReaderGone(handler: () => void): () => void {
  windDown = handler;
  return () => {
    windDown = undefined;
  };
}

function failed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') {
    if (windDown) windDown();
    else process.exit(); // with the code that the work has come to
    return;
  }
  if (!said) complain(`can't print any more: ${error.message}`);
  said = true;
  if (!windDown) process.exit(exitCodes.environment);
}
