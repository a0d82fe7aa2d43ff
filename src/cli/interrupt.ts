import { complain } from './complain.ts';

/** Exit code 128 + N, as shells know it; SIGINT's 130 is the contract's. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * What Ctrl-C, a hang-up or a termination does: `wind` down once, then exit. A second one does not wait.
 * Returns the function that takes it back.
 */
export function onInterrupt(windDown: () => Promise<void>): () => void {
  let interrupted = false;
  const handlers = Object.entries(exitCodes).map(([signal, code]) => {
    const handler = (): void => {
      if (interrupted) process.exit(code);
      interrupted = true;
      windDown()
        .catch((error: Error) => complain(error.message))
        .finally(() => process.exit(code));
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
