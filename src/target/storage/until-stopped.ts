import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';

/**
 * After SIGSTOP: resolves when none of its threads runs any more. Until the signal's own thread is scheduled, the others
 * go on, and on a loaded machine they were seen to serve requests meanwhile.
 */
export async function untilStopped(pid: number): Promise<void> {
  while (threadStates(pid).some((state) => !stopped.has(state))) await sleep(limits.serverStartPollMs);
}

/** Stopped, traced, or dead. */
const stopped: ReadonlySet<string> = new Set(['T', 't', 'Z', 'X']);

/** Third field of each thread's stat; none where the process is gone. */
function threadStates(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      return stat.charAt(stat.lastIndexOf(')') + 2);
    });
  } catch {
    return [];
  }
}
