import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long a process's threads, all told, have been ready to run and waited for a processor, in milliseconds since
 * each began; 0 where /proc does not say (Documentation/scheduler/sched-stats, schedstat).
 */
export function cpuWaitMs(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, id) => sum + threadWaitMs(pid, id), 0);
  } catch {
    return 0;
  }
}

/** The same of our own main thread, which does all that is waited for. */
export const ownCpuWaitMs = (): number => threadWaitMs(process.pid, `${process.pid}`);

/** The second figure of schedstat, in nanoseconds; 0 for a thread that has ended meanwhile. */
function threadWaitMs(pid: number, thread: string): number {
  try {
    const waitedNs = Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[1]);
    return Number.isFinite(waitedNs) ? waitedNs / 1e6 : 0;
  } catch {
    return 0;
  }
}
