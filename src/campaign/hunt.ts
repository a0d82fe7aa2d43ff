import { EnvironmentError } from '../errors.ts';
import { openFindings } from '../findings/store.ts';
import { drawFrom } from '../generate/draw.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { isAside } from './aside.ts';
import type { CampaignEvent } from './campaign-event.ts';
import { type Discovery, openDiscoveries } from './discoveries.ts';
import { type Interesting, openInteresting } from './interesting.ts';
import { keepNews } from './keep-news.ts';
import { limits } from './limits.ts';
import { nextRun } from './next-run.ts';
import type { FromWorker, ProgramPlan, Ran, ShrinkEnded, ShrinkTask, Task } from './worker-messages.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export type HuntPlan = {
  programs: readonly ProgramPlan[];
  workers: number;
  seed: string;
  /** Names of properties, and the files that hold them. */
  properties: readonly string[];
  propertyFiles: readonly string[];
  /** Whichever ends first. */
  budget: { timeMs?: number; sequences?: number };
  shrink: boolean;
  mask: boolean;
  feedback: boolean;
  /** End after that many distinct findings. */
  stopAfter?: number;
  findingsDir: string;
  /** Sequences to vary from the start, and where those that show something new are kept; nowhere when absent. */
  seeds: readonly Sequence[];
  corpusDir?: string;
  tool: { name: string; version: string };
};

export type Hunt = {
  /** Rejects with EnvironmentError where the machine failed; what was found by then is recorded. */
  finished: Promise<void>;
  /** Stops at once. */
  kill(): Promise<void>;
  discoveries(): Discovery[];
  interesting: Interesting;
};

/** `aside`: what the worker shrinks beside its task; `suspects`: what it looks at once more. */
type Lane = {
  worker: WorkerProcess;
  task: Task | undefined;
  aside: ShrinkTask | undefined;
  suspects: number;
  restarts: number;
};

/** Hunts until the budget is spent. `report` hears what happens; nothing is printed here. */
export function hunt(plan: HuntPlan, report: (event: CampaignEvent) => void): Hunt {
  const begunMs = performance.now();
  const elapsedMs = (): number => performance.now() - begunMs;
  const store = openFindings(plan.findingsDir);
  const discoveries = openDiscoveries({ store, ...plan });
  const interesting = openInteresting(limits.interestingMax);
  const choices = drawFrom(`campaign ${plan.seed}`);
  const lanes: Lane[] = [];
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let nextIndex = 0;
  let shrinkingMs = 0;
  let over = false;

  for (const sequence of plan.seeds) interesting.seed(sequence);
  report({ ...plan, kind: 'began', findingsKnown: store.list().findings.length, seeds: plan.seeds.length });
  for (let at = 0; at < plan.workers; at++) openLane(at);
  // A worker that shrinks or sits in a deadline of a hang must not outlast the budget by much.
  const alarm = setTimeout(() => void end(), (plan.budget.timeMs ?? endlessMs) + limits.overtimeMs);
  alarm.unref();
  return { finished, kill: () => end(), discoveries: () => discoveries.all(), interesting };

  function openLane(at: number): void {
    const worker = startWorker((message) => hear(at, message));
    const restarts = lanes[at]?.restarts ?? 0;
    lanes[at] = { worker, task: undefined, aside: undefined, suspects: 0, restarts };
    const { propertyFiles, tool } = plan;
    const programs = plan.programs.map(({ target, flavour, storage = [] }) => ({ target, flavour, storage }));
    worker.send({ kind: 'plan', programs, propertyFiles, tool, isolated: worker.isolated });
    if (plan.mask) worker.send({ kind: 'masks', masks: discoveries.masks() });
    void worker.exited.then(() => died(at, worker));
    give(at);
  }

  /** The next thing to do for a worker that has nothing to do: shrinking comes first, but not on every worker. */
  function give(at: number): void {
    const lane = lanes[at];
    if (!lane || over) return;
    if (!lane.aside) {
      lane.aside = shrinkAside(at);
      if (lane.aside) lane.worker.send(lane.aside);
    }
    if (!lane.task) {
      lane.task = shrinkTask(at) ?? runTask();
      if (lane.task) lane.worker.send(lane.task);
    }
    if (lanes.every(({ task, aside, suspects }) => !task && !aside && suspects === 0)) void end();
  }

  /** One at a time, as long as there is anything else to do. */
  function shrinkAside(at: number): ShrinkTask | undefined {
    if (remainingMs() <= 0 || (mayGenerate() && lanes.some(({ aside }) => aside))) return undefined;
    return toShrink(at, isAside);
  }

  function shrinkTask(at: number): ShrinkTask | undefined {
    const shrinking = lanes.filter(({ task }) => task?.kind === 'shrink').length;
    const share = mayGenerate() ? Math.max(1, lanes.length >> 1) : lanes.length;
    if (shrinking >= share || remainingMs() <= 0) return undefined;
    // Half of the workers' time at most, or what is found first hides the rest; one worker alone can't be halved.
    if (mayGenerate() && shrinkingMs > (lanes.length * elapsedMs()) / 2) return undefined;
    return toShrink(at, (signature) => !isAside(signature));
  }

  function toShrink(at: number, isFit: (signature: string) => boolean): ShrinkTask | undefined {
    const next = discoveries.nextShrink(isFit, mayGenerate());
    if (!next) return undefined;
    report({ kind: 'shrinking', worker: at, discovery: next.discovery });
    const { kind } = next.discovery.rule;
    const usualMs = next.isVariant
      ? limits.variantDeadlineMs
      : kind === 'hang'
        ? limits.shrinkHangDeadlineMs
        : limits.shrinkDeadlineMs;
    const mostMs = (plan.budget.timeMs ?? endlessMs) * limits.oneShrinkShare;
    return { ...next.task, deadlineMs: Math.min(usualMs, mostMs, remainingMs()) };
  }

  function runTask(): Task | undefined {
    if (!mayGenerate()) return undefined;
    return nextRun(nextIndex++, plan, plan.feedback ? interesting : undefined, choices);
  }

  function remainingMs(): number {
    return (plan.budget.timeMs ?? endlessMs) - elapsedMs();
  }

  /** Towards the end the time left belongs to what waits to be shrunk. */
  function mayGenerate(): boolean {
    if (plan.stopAfter !== undefined && discoveries.all().length >= plan.stopAfter) return false;
    if (nextIndex >= (plan.budget.sequences ?? Number.POSITIVE_INFINITY)) return false;
    const reservedMs = Math.min(
      (discoveries.waiting() * limits.shrinkUsualMs) / plan.workers,
      (plan.budget.timeMs ?? 0) * limits.shrinkShare,
    );
    return remainingMs() > reservedMs;
  }

  function hear(at: number, message: FromWorker): void {
    const lane = lanes[at];
    if (over || !lane) return;
    switch (message.kind) {
      case 'ran':
        lane.task = undefined;
        if (message.suspect) lane.suspects++;
        ran(at, message);
        break;
      case 'confirmed':
        lane.suspects--;
        found(at, message.ran);
        break;
      case 'shrunk':
        shrunk(lane, message);
        break;
      case 'failed':
        failed(at, message);
        return;
    }
    give(at);
  }

  function ran(at: number, message: Ran): void {
    const { sequence, program, coverage } = message;
    const version = plan.programs[program]?.target.version ?? '';
    const news = interesting.consider(version, { ...message, triples: coverage.triples });
    if (sequence && plan.corpusDir !== undefined) keepNews(plan.corpusDir, version, sequence, news);
    report({
      kind: 'ran',
      worker: at,
      ran: message,
      news,
      features: interesting.featureCount(),
      interesting: interesting.size(),
    });
    found(at, message);
  }

  function found(at: number, message: Ran): void {
    const { sequence } = message;
    if (!sequence || message.violations.length === 0) return;
    const { version } = (plan.programs[message.program] as ProgramPlan).target;
    const signatures = message.violations.filter(({ trace }) => trace).map(({ signature }) => signature);
    const others = signatures.length > 0 ? lanes.filter((lane) => lane !== lanes[at]) : [];
    for (const { worker } of others) worker.send({ kind: 'told', version, signatures });
    for (const discovery of discoveries.note(message, sequence, elapsedMs()))
      report({ kind: 'found', discovery });
  }

  function shrunk(lane: Lane, message: ShrinkEnded): void {
    const discovery = discoveries.shrunk(message);
    const { executions, elapsedMs } = message;
    if (isAside(message.signature)) lane.aside = undefined;
    else {
      lane.task = undefined;
      shrinkingMs += elapsedMs;
    }
    if (discovery) report({ kind: 'shrunk', discovery, executions, elapsedMs });
    if (!plan.mask) return;
    for (const { worker } of lanes) worker.send({ kind: 'masks', masks: discoveries.masks() });
  }

  function failed(at: number, message: Extract<FromWorker, { kind: 'failed' }>): void {
    if (message.environment) return void end(new EnvironmentError(message.message, message.remedy));
    report({ kind: 'worker-lost', worker: at, message: message.message });
    void lanes[at]?.worker.stop();
  }

  /** A worker is replaced; what it was shrinking is shrunk by another. */
  function died(at: number, worker: WorkerProcess): void {
    const lane = lanes[at];
    if (over || lane?.worker !== worker) return;
    if (lane.task?.kind === 'shrink') discoveries.requeue(lane.task.id);
    if (lane.aside) discoveries.requeue(lane.aside.id);
    if (++lane.restarts > limits.workerRestartsMax) {
      return void end(new Error(`worker ${at} died ${lane.restarts} times`));
    }
    openLane(at);
  }

  async function end(error?: Error): Promise<void> {
    if (over) return finished.catch(() => {});
    over = true;
    clearTimeout(alarm);
    await Promise.all(lanes.map(({ worker }) => worker.stop()));
    discoveries.flush();
    if (error) reject(error);
    else resolve();
  }
}

/** setTimeout's longest: 24 days. */
const endlessMs = 2 ** 31 - 1 - 60_000;
