import { cpuWaitMs, ownCpuWaitMs } from '../target/process/cpu-wait.ts';
import { limits } from './limits.ts';

/** What a deadline needs to know of a run. */
type Paced = {
  deadlineFactor: number;
  /** Since the run began. */
  lostMs(): number;
  /** QEMU is looking for the number of rounds that fill a key's time: nobody knows how long that takes. */
  isDerivingKeys(): boolean;
};

/**
 * Calls `late` when the time is up, scaled to the host. Time in which QEMU or we were ready to run and the machine ran
 * something else does not count: who got no processor did not hang. Returns what calls it off.
 */
export function deadline(run: Paced, deadlineMs: number, late: () => void): () => void {
  const scaledMs = deadlineMs * run.deadlineFactor;
  const begunMs = performance.now();
  let timer = setTimeout(look, scaledMs);
  let last: NodeJS.Immediate | undefined;
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };

  function look(): void {
    const leftMs = scaledMs + grantedMs(run, deadlineMs) - (performance.now() - begunMs);
    if (leftMs >= 1) timer = setTimeout(look, leftMs);
    // Timers come before input: what QEMU has said by now is read first.
    else last = setImmediate(late);
  }
}

/** For loops that look at the time themselves. */
export function deadlineOver(run: Paced, deadlineMs: number): () => boolean {
  const endMs = performance.now() + deadlineMs * run.deadlineFactor;
  return () => {
    const nowMs = performance.now();
    return nowMs >= endMs && nowMs >= endMs + grantedMs(run, deadlineMs);
  };
}

/** A short wait claims nothing about QEMU, and is not prolonged. */
function grantedMs(run: Paced, deadlineMs: number): number {
  if (deadlineMs < limits.prolongedFromMs) return 0;
  const mostMs = deadlineMs * Math.max(0, limits.prolongedAtMost - run.deadlineFactor);
  return Math.min(run.lostMs(), mostMs) + (run.isDerivingKeys() ? limits.keysMs : 0);
}

/** How long QEMU, and this process, have waited for a processor since now. `pid`: of the QEMU there is by then. */
export function lostTime(first: number | undefined, pid: () => number | undefined): () => number {
  const [qemuMs, ownMs] = [waitMs(first), ownCpuWaitMs()];
  return () => {
    const now = pid();
    const ofQemuMs = waitMs(now) - (now === first ? qemuMs : 0);
    return Math.max(0, ofQemuMs) + Math.max(0, ownCpuWaitMs() - ownMs);
  };
}

const waitMs = (pid: number | undefined): number => (pid === undefined ? 0 : cpuWaitMs(pid));
