import { EnvironmentError } from '../../errors.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { CampaignEvent } from '../campaign-event.ts';
import type { Discoveries } from '../discoveries/discoveries.ts';
import { keepSuspect } from '../discoveries/suspects.ts';
import { limits } from '../limits.ts';
import type { Lane } from './lanes.ts';

/** What a worker was at when it died, or when the hunt was over: shrunk by another, or kept as a file. */
export type Losses = {
  /** Returns an error where every worker dies before it has run anything. */
  lost(at: number, lane: Lane, how: string): EnvironmentError | undefined;
  /** A sequence was run: workers are able to. */
  ran(): void;
  /** The hunt is over: what seemed to hang and was not looked at again is kept. */
  leave(lanes: readonly Lane[]): void;
};

export function openLosses(of: {
  findingsDir: string;
  workers: number;
  discoveries: Discoveries;
  report(event: CampaignEvent): void;
  warn(message: string): void;
}): Losses {
  let fruitlessDeaths = 0;

  return {
    lost(at, lane, how) {
      for (const task of [lane.task, lane.sideShrink])
        if (task?.kind === 'shrink') of.discoveries.requeue(task.id);
      const doing = doingOf(lane);
      const unjudged = [...(lane.running ? [lane.running] : []), ...lane.suspects.values()];
      const suspects = unjudged.flatMap((sequence) => keep(sequence, `a worker died (${how}) ${doing}`));
      of.report({ kind: 'worker-lost', worker: at, how, doing, isRun: lane.task?.kind === 'run', suspects });
      if (++fruitlessDeaths <= limits.fruitlessDeathsMax * of.workers) return undefined;
      return new EnvironmentError(
        `every worker dies before it has run a sequence: ${how}`,
        'mirrorfuzz doctor',
      );
    },
    ran() {
      fruitlessDeaths = 0;
    },
    leave(lanes) {
      for (const sequence of lanes.flatMap(({ suspects }) => [...suspects.values()]))
        for (const file of keep(sequence, 'it seemed to hang, and the hunt was over before that was sure'))
          of.warn(`a sequence seemed to hang, and the hunt was over before that was sure: ${file}`);
    },
  };

  function keep(sequence: Sequence, why: string): string[] {
    const { file, complaint } = keepSuspect(of.findingsDir, sequence, why);
    if (complaint !== undefined) of.warn(complaint);
    return file === undefined ? [] : [file];
  }
}

function doingOf({ task, running }: Lane): string {
  if (task === undefined) return 'with nothing to do';
  if (task.kind === 'explain') return `while it looked by valgrind into ${task.id}`;
  if (task.kind === 'shrink') return `while it shrank ${task.id}`;
  if (running) return `while it ran "${running.title}"`;
  return `before it ran sequence ${task.index} of ${task.property}`;
}
