import { join } from 'node:path';
import { addRuns, noRuns, type RunsSum } from '../campaign/feedback/runs-sum.ts';
import { type CuttingPlan, type CuttingState, openCutting } from './cutting.ts';
import type { WrittenHunt } from './do-shard.ts';
import type { WrittenJob } from './jobs.ts';
import { openJournal } from './journal.ts';

/**
 * What a campaign has come to, kept in a journal beside the findings, so that a coordinator that is killed and started
 * again goes on where it was: each shard is counted once, whatever Redis remembers.
 */
export type CampaignState = {
  campaign: string;
  cutting: ReturnType<typeof openCutting>;
  total: RunsSum;
  perProgram: Map<string, OfProgram>;
  shardsDone(): number;
  /** Shards that were given out and not answered when the last coordinator ended, and what was found until then. */
  left: { shards: WrittenJob[]; found: FoundBefore[] };
  gaveOut(shards: readonly WrittenJob[]): void;
  /** It is counted from here on, and may be acknowledged once this returns. */
  done(id: string, program: string, version: string, sum: RunsSum): void;
  found(found: FoundBefore): void;
  close(): void;
  remove(): void;
};

/** `version`: of the QEMU, which may not be there any more when an earlier coordinator's figures are read. */
export type OfProgram = { version: string; sum: RunsSum };

/** A sequence that showed a signature for the first time. `isNew`: the store had it not. */
export type FoundBefore = {
  program: string;
  shown: WrittenHunt['shown'][number];
  atMs: number;
  isNew: boolean;
};

type Stored = {
  cutting: CuttingState;
  out: WrittenJob[];
  total: RunsSum;
  perProgram: [string, OfProgram][];
  shards: number;
  found: FoundBefore[];
};
type Entry =
  | { out: readonly WrittenJob[]; cutting: CuttingState }
  | { done: string; program: string; version: string; sum: RunsSum }
  | { found: FoundBefore };

export function openCampaignState(dir: string, plan: CuttingPlan): CampaignState {
  const out = new Map<string, WrittenJob>();
  const perProgram = new Map<string, OfProgram>();
  const total = noRuns();
  const foundAll: FoundBefore[] = [];
  let shards = 0;
  let cut: CuttingState | undefined;
  const journal = openJournal<Stored, Entry>(join(dir, '.lab', `${plan.campaign}.jsonl`), () => ({
    cutting: cutting.state(),
    out: [...out.values()],
    total,
    perProgram: [...perProgram],
    shards,
    found: foundAll,
  }));
  const { state, entries } = journal.found;
  if (state) {
    cut = state.cutting;
    for (const shard of state.out) out.set(shard.id, shard);
    addRuns(total, state.total);
    for (const [program, of] of state.perProgram) perProgram.set(program, of);
    shards = state.shards;
    foundAll.push(...state.found);
  }
  for (const entry of entries) apply(entry);
  const cutting = openCutting(plan, cut);

  return {
    campaign: plan.campaign,
    cutting,
    total,
    perProgram,
    shardsDone: () => shards,
    left: { shards: [...out.values()], found: [...foundAll] },
    gaveOut: (jobs) => add({ out: jobs, cutting: cutting.state() }),
    done: (id, program, version, sum) => add({ done: id, program, version, sum }),
    found: (found) => add({ found }),
    close: () => journal.close(),
    remove: () => journal.remove(),
  };

  function add(entry: Entry): void {
    apply(entry);
    journal.add(entry);
  }

  function apply(entry: Entry): void {
    if ('out' in entry) {
      for (const shard of entry.out) out.set(shard.id, shard);
      cut = entry.cutting;
    } else if ('done' in entry) {
      out.delete(entry.done);
      shards++;
      addRuns(total, entry.sum);
      const of = perProgram.get(entry.program) ?? { version: entry.version, sum: noRuns() };
      perProgram.set(entry.program, of);
      addRuns(of.sum, entry.sum);
    } else foundAll.push(entry.found);
  }
}
