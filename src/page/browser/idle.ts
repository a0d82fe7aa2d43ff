/** Calls `act` when nothing else is to be done, so long after now at the earliest, and tells it when its time is over. */
export function whenIdle(afterMs: number, act: (isOver: () => boolean) => void): void {
  const within = (ms: number): (() => boolean) => {
    const endMs = performance.now() + ms;
    return () => performance.now() > endMs;
  };
  if (afterMs > 0) setTimeout(() => whenIdle(0, act), afterMs);
  else if ('requestIdleCallback' in window)
    requestIdleCallback(() => act(within(sliceMs)), { timeout: 1000 });
  else setTimeout(() => act(within(sliceMs)), 50);
}

/** Who presses a key meanwhile waits no longer than this. */
const sliceMs = 6;
