import { onReaderGone } from './closed-pipe.ts';
import { complain } from './complain.ts';

/** Exit code 128 + N, as shells know it; SIGINT's 130 is the contract's. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * What Ctrl-C, a hang-up, a termination or a reader that goes away does: `wind` down once, then exit. A second signal
 * does not wait. `codes`: the exit code after each. Returns the function that takes it back.
 */
export function onInterrupt(
  windDown: () => Promise<void>,
  codes: Readonly<Record<keyof typeof exitCodes, number>> = exitCodes,
): () => void {
  let interrupted = false;
  const handlers = Object.entries(codes).map(([signal, code]) => {
    const handler = (): void => interrupt(code);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  const release = onReaderGone(() => {
    if (!interrupted) interrupt(codes.SIGINT);
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    release();
  };

  function interrupt(code: number): void {
    if (interrupted) process.exit(code);
    interrupted = true;
    windDown()
      .catch((error: Error) => complain(error.message))
      .finally(() => process.exit(code));
  }
}
