import { openFindings } from '../findings/store.ts';
import type { Optional } from '../sequence/optional.ts';
import type { CampaignEvent } from './campaign-event.ts';
import { openBlockChecks } from './discoveries/block-checks.ts';
import { openDiscoveries } from './discoveries/discoveries.ts';
import type { Discovery } from './discoveries/discovery.ts';
import { type Interesting, openInteresting } from './feedback/interesting.ts';
import { keepNews } from './feedback/keep-news.ts';
import type { HuntPlan } from './hunt-plan.ts';
import { type Lane, openLanes } from './lanes/lanes.ts';
import { openLosses } from './lanes/losses.ts';
import { openNextTask } from './lanes/next-task.ts';
import { limits } from './limits.ts';
import { asError } from './trouble/trouble.ts';
import { openTroubles, type SwitchedOff } from './trouble/troubles.ts';
import { isHang } from './worker/is-hang.ts';
import type {
  ExplainEnded,
  FromWorker,
  ProgramPlan,
  Ran,
  ShrinkEnded,
  ShrinkFailed,
  ToWorker,
} from './worker/worker-messages.ts';
import { startWorker } from './worker/worker-process.ts';

export type Hunt = {
  /** Rejects with EnvironmentError where nothing can be judged on this machine; what was found by then is recorded. */
  finished: Promise<void>;
  /** Stops at once. */
  kill(): Promise<void>;
  discoveries(): Discovery[];
  interesting: Interesting;
};

/** Hunts until the budget is spent. `report` hears what happens; nothing is printed here. `start`: how workers are. */
export function hunt(
  plan: HuntPlan,
  report: (event: CampaignEvent) => void,
  start: typeof startWorker = startWorker,
): Hunt {
  const begunMs = performance.now();
  const elapsedMs = (): number => performance.now() - begunMs;
  const store = openFindings(plan.findingsDir);
  const warnings = new Set<string>();
  const discoveries = openDiscoveries({ store, warn, ...plan });
  const blocks = openBlockChecks(store, warn);
  const interesting = openInteresting(limits.interestingMax);
  const losses = openLosses({ ...plan, discoveries, report, warn });
  const lanes = openLanes(plan.workers, { start, greetings, hear, ready: give, lost });
  const programs = [...plan.programs];
  const named = programs.map(({ target, flavour }) => ({ qemu: target.path, program: `QEMU ${flavour}` }));
  const troubles = openTroubles(named);
  const isOff = (at: number): boolean => {
    const { qemu = '', program = '' } = named[at] ?? {};
    return troubles.isOff(qemu, program);
  };
  const next = openNextTask(plan, { lanes: lanes.all, discoveries, interesting, elapsedMs, report, isOff });
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let over = false;

  for (const sequence of plan.seeds) interesting.seed(sequence);
  const known = store.list();
  report({ ...plan, kind: 'began', findingsKnown: known.findings.length, seeds: plan.seeds.length });
  for (const complaint of [...known.complaints, ...(plan.complaints ?? [])]) warn(complaint);
  // A worker that shrinks or sits in a deadline of a hang must not outlast the budget by much.
  const alarm = setTimeout(() => void end(), (plan.budget.timeMs ?? endlessMs) + limits.overtimeMs);
  alarm.unref();
  lanes.open();
  return { finished, kill: () => end(), discoveries: () => discoveries.all(), interesting };

  function greetings(isolated: boolean): ToWorker[] {
    const { propertyFiles, tool } = plan;
    const masks: ToWorker[] = plan.mask ? [{ kind: 'masks', masks: discoveries.masks() }] : [];
    return [{ kind: 'plan', programs, propertyFiles, tool, isolated }, ...masks];
  }

  /** The next thing to do for a worker that has nothing to do; where none has, and none will, the hunt is over. */
  function give(at: number): void {
    const lane = lanes.all[at];
    if (!lane || over) return;
    if (!lane.sideShrink) {
      lane.sideShrink = next.sideShrink(at);
      if (lane.sideShrink) lane.worker?.send(lane.sideShrink);
    }
    if (!lane.task) {
      lane.task = next.main(at);
      if (lane.task) lane.worker?.send(lane.task);
    }
    if (lanes.all.every(({ task, sideShrink, suspects }) => !task && !sideShrink && suspects.size === 0))
      void end();
  }

  /** Whatever goes wrong here ends the hunt in the one way that saves all and sums it up. */
  function hear(at: number, message: FromWorker): void {
    const lane = lanes.all[at];
    if (over || !lane) return;
    try {
      handle(at, lane, message);
    } catch (error) {
      void end(error as Error);
    }
  }

  function handle(at: number, lane: Lane, message: FromWorker): void {
    switch (message.kind) {
      case 'begun':
        lane.running = message.sequence;
        lane.ahead = next.ahead();
        if (lane.ahead) lane.worker?.send(lane.ahead);
        return;
      case 'ran':
        if (message.suspect && lane.running) lane.suspects.set(message.index, lane.running);
        lane.task = lane.ahead;
        lane.ahead = undefined;
        lane.running = undefined;
        ran(at, message);
        break;
      case 'confirmed':
        lane.suspects.delete(message.ran.index);
        report({ kind: 'confirmed', ran: message.ran });
        found(lane, message.ran);
        break;
      case 'shrunk':
        shrunk(lane, message);
        break;
      case 'explained':
        lane.task = undefined;
        explained(message);
        break;
      case 'shrink-failed':
        shrinkFailed(lane, message);
        break;
      case 'failed':
        failed(lane, message);
        return;
    }
    give(at);
  }

  function ran(at: number, message: Ran): void {
    const { sequence, program, coverage } = message;
    losses.ran();
    const version = plan.programs[program]?.target.version ?? '';
    const news = interesting.consider(version, { ...message, triples: coverage.triples });
    const complaint =
      sequence && plan.corpusDir !== undefined && keepNews(plan.corpusDir, version, sequence, news);
    if (complaint) warn(complaint);
    report({
      kind: 'ran',
      worker: at,
      ran: message,
      news,
      features: interesting.featureCount(),
      interesting: interesting.size(),
    });
    found(lanes.all[at], message);
    // What was not run for want of something says nothing of the machine.
    if (message.trouble || message.reason === undefined) met(message);
  }

  /** The machine let a sequence run, or did not. */
  function met({ program, uses, trouble }: Pick<Ran, 'program' | 'uses' | 'trouble'>): void {
    const where = named[program];
    if (!where) return;
    const { off, hopeless } = troubles.note({ ...where, uses, ...(trouble ? { trouble } : {}) });
    if (off) switchOff(off);
    if (hopeless) void end(asError(hopeless));
  }

  /** On every worker, also those that come later. */
  function switchOff(off: SwitchedOff): void {
    const { qemu, thing, reason, remedy } = off;
    report({ kind: 'switched-off', off });
    if (thing.startsWith('QEMU ')) return; // its tasks are passed over
    const without = { thing: thing as Optional, lacks: reason, ...(remedy === undefined ? {} : { remedy }) };
    for (const [at, program] of programs.entries())
      if (program.target.path === qemu)
        programs[at] = { ...program, without: [...(program.without ?? []), without] };
    lanes.send({ kind: 'switch-off', qemu, without });
  }

  function shrinkFailed(lane: Lane, { id, signature }: ShrinkFailed): void {
    if (isHang(signature)) lane.sideShrink = undefined;
    else lane.task = undefined;
    discoveries.leave(id);
  }

  function found(lane: Lane | undefined, message: Ran): void {
    const { sequence } = message;
    if (!sequence || message.violations.length === 0) return;
    const { version } = (plan.programs[message.program] as ProgramPlan).target;
    const signatures = message.violations.filter(({ trace }) => trace).map(({ signature }) => signature);
    if (signatures.length > 0) lanes.send({ kind: 'reported', version, signatures }, lane);
    for (const discovery of discoveries.note(message, sequence, elapsedMs()))
      report({ kind: 'found', discovery });
  }

  function shrunk(lane: Lane, message: ShrinkEnded): void {
    const shrunk = discoveries.shrunk(message);
    const { executions, elapsedMs } = message;
    if (isHang(message.signature)) lane.sideShrink = undefined;
    else {
      lane.task = undefined;
      next.shrankFor(elapsedMs);
    }
    if (shrunk?.isAnother) report({ kind: 'found', discovery: shrunk.discovery });
    if (shrunk) report({ kind: 'shrunk', discovery: shrunk.discovery, executions, elapsedMs });
    if (shrunk && !shrunk.discovery.unsaved)
      blocks.check(shrunk.discovery.id, (programs[message.program] as ProgramPlan).target);
    if (plan.mask) lanes.send({ kind: 'masks', masks: discoveries.masks() });
  }

  function explained(message: ExplainEnded): void {
    const discovery = discoveries.explained(message);
    if (discovery) report({ kind: 'explained', discovery });
  }

  function failed(lane: Lane, message: Extract<FromWorker, { kind: 'failed' }>): void {
    // Outside of any sequence: no room for a worker, say. What was judged before shows that it is not always so.
    const trouble = { reason: message.message, ...(message.remedy ? { remedy: message.remedy } : {}) };
    if (message.environment) met({ program: 0, uses: [], trouble });
    if (over) return;
    lanes.replace(lane, message.message);
  }

  function lost(at: number, lane: Lane, how: string): void {
    if (over) return;
    if (lane.ahead) next.putBack(lane.ahead);
    const hopeless = losses.lost(at, lane, how);
    if (hopeless) void end(hopeless);
  }

  /** Once each: the same may go wrong with every sequence. */
  function warn(message: string): void {
    if (warnings.has(message)) return;
    warnings.add(message);
    report({ kind: 'warning', message });
  }

  async function end(error?: Error): Promise<void> {
    if (over) return finished.catch(() => {});
    over = true;
    clearTimeout(alarm);
    await lanes.close();
    await blocks.close();
    losses.leave(lanes.all);
    discoveries.flush();
    if (error) reject(error);
    else resolve();
  }
}

/** setTimeout's longest: 24 days. */
const endlessMs = 2 ** 31 - 1 - 60_000;
