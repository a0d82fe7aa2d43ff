import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nextRun } from '../../src/campaign/lanes/next-run.ts';
import { openFindings } from '../../src/findings/store.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { openConnection } from '../../src/lab/connection.ts';
import { coordinate } from '../../src/lab/coordinate.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { readWorkers } from '../../src/lab/read-campaign.ts';
import { openHuntTally } from '../../src/report/hunt-tally.ts';
import { type CannedCrashes, cannedDefect, nameOf } from './canned-lane.ts';
import { cannedPlan, cannedPrograms } from './canned-plan.ts';
import { startRedis } from './redis-server.ts';

export type HardPlan = Required<CannedCrashes> & {
  seed: string;
  /** Of about so many sequences each. */
  shards: number;
  shardSequences: number;
  msEach: number;
  lockMs: number;
  /** A worker lives for that or twice as long: starting one takes a second of CPU. */
  lifeMs: number;
};

/** What a campaign came to, as the coordinator counted it and as its store has it. */
export type CampaignOutcome = {
  sequences: number;
  shards: number;
  /** Which sequences were counted; one that was counted twice is there twice. */
  ran: string[];
  undecided: Record<string, number>;
  /** Signatures of the findings in the store, one for each. */
  findings: string[];
  executions: number[];
  warnings: string[];
  hardships: { killed: number; stopped: number };
  ms: number;
};

/**
 * A campaign by three worker processes on a Redis of its own, with everything that may happen to it: one worker is killed
 * at random moments and replaced, one is stopped past its lock again and again, Redis is killed and comes back once with
 * what it had on disk and once empty.
 */
export async function hardCampaign(
  plan: HardPlan,
  say: (line: string) => void = () => {},
): Promise<CampaignOutcome> {
  const server = await startRedis();
  const connection = await openConnection(parseQueueUrl(server.url));
  const dir = mkdtempSync(join(tmpdir(), 'mf-hard-'));
  const choices = drawFrom(`hardships ${plan.seed}`);
  const children = new Set<ChildProcess>();
  const hardships = { killed: 0, stopped: 0 };
  const begunMs = performance.now();
  let isOver = false;
  let shards = 0;
  try {
    startWorker();
    const victim = startWorker();
    const sleeper = startWorker();
    await until(async () => (await readWorkers(connection)).workers.length === 3);
    const tally = openHuntTally(() => performance.now() - begunMs);
    const sequences = sequencesOf(plan);
    const labPlan = await cannedPlan({ findingsDir: dir, seed: plan.seed, budget: { sequences } });
    const times = { ...timesOf(plan), shardSequencesMax: plan.shardSequences };
    const hunting = coordinate(
      labPlan,
      connection,
      (event) => {
        tally.hear(event);
        if (event.kind === 'runs') shards++;
        if (event.kind === 'warning') say(event.message);
      },
      times,
    );
    const trouble = Promise.all([killAgainAndAgain(victim), stopAgainAndAgain(sleeper), restartRedis()]);
    trouble.catch(() => {});
    await hunting.finished;
    isOver = true;
    await trouble;
    const { undecided, warnings, sequences: counted, coverage } = tally.state();
    const findings = openFindings(dir).list().findings;
    return {
      ...{ sequences: counted, shards, undecided, warnings, hardships },
      ran: Object.entries(coverage.values)
        .flatMap(([name, times]) => Array.from({ length: times }, () => name))
        .sort(),
      findings: findings.map(({ signature }) => signature).sort(),
      executions: findings.map(({ executions }) => executions),
      ms: performance.now() - begunMs,
    };

    async function restartRedis(): Promise<void> {
      for (const [share, withData] of [
        [1 / 4, true],
        [1 / 2, false],
      ] as const) {
        await until(() => isOver || tally.state().sequences >= share * sequences);
        say(`Redis is killed after ${tally.state().sequences} sequences`);
        await server.kill();
        await pause(choices.int(0, plan.lockMs));
        say(`Redis is started ${withData ? 'with' : 'without'} its data`);
        await server.start(withData);
      }
    }
  } finally {
    isOver = true;
    for (const child of children) child.kill('SIGKILL');
    connection.close();
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }

  async function killAgainAndAgain(first: ChildProcess): Promise<void> {
    let victim = first;
    while (!isOver) {
      await pauseWhileRunning(choices.int(plan.lifeMs, 2 * plan.lifeMs));
      victim.kill('SIGKILL');
      children.delete(victim);
      hardships.killed++;
      if (!isOver) victim = startWorker();
    }
  }

  async function stopAgainAndAgain(sleeper: ChildProcess): Promise<void> {
    while (!isOver) {
      await pauseWhileRunning(choices.int(plan.lifeMs / 2, plan.lifeMs));
      sleeper.kill('SIGSTOP');
      hardships.stopped++;
      await pauseWhileRunning(2 * plan.lockMs);
      sleeper.kill('SIGCONT');
    }
  }

  async function pauseWhileRunning(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    while (!isOver && performance.now() < untilMs) await pause(20);
  }

  function startWorker(): ChildProcess {
    const script = join(import.meta.dirname, 'canned-worker.ts');
    const { msEach, crashEvery, defects } = plan;
    const canned = JSON.stringify({ msEach, crashEvery, defects });
    const args = [script, server.url, '2', String(plan.lockMs), canned];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.add(child);
    return child;
  }
}

/** What a hunt on one machine with that seed would run and find, in the words of canned lanes. */
export async function onOneMachine(plan: HardPlan): Promise<Pick<CampaignOutcome, 'ran' | 'findings'>> {
  const { seed } = plan;
  const { properties } = await cannedPlan({ findingsDir: '', seed, budget: {} });
  const runs = Array.from({ length: sequencesOf(plan) }, (_, index) =>
    nextRun(index, { seed, programs: cannedPrograms, properties }, undefined, drawFrom('unused')),
  );
  const signatures = runs.flatMap(({ index }) => cannedDefect(index, plan)?.signature ?? []);
  return { ran: runs.map((run) => `ran ${nameOf(run)}`).sort(), findings: [...new Set(signatures)].sort() };
}

const sequencesOf = ({ shards, shardSequences }: HardPlan): number => shards * shardSequences;
const timesOf = ({ lockMs }: HardPlan) => ({ lockMs, stalledCheckMs: lockMs / 2 });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}
