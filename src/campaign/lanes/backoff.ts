import { limits } from '../limits.ts';

/** How long to wait before a worker is started anew: not at all after a long life, twice as long after each short one. */
export type Backoff = { started(): void; died(): number };

export function openBackoff(nowMs: () => number = () => performance.now()): Backoff {
  let startedMs = nowMs();
  let shortLives = 0;
  return {
    started() {
      startedMs = nowMs();
    },
    died() {
      if (nowMs() - startedMs >= limits.longLifeMs) shortLives = 0;
      else shortLives++;
      if (shortLives === 0) return 0;
      return Math.min(limits.restartPauseMs * 2 ** (shortLives - 1), limits.restartPauseMaxMs);
    },
  };
}
