import { dirname } from 'node:path';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { openCauses } from './causes.ts';
import { type Crew, openCrew } from './crew.ts';
import type { GateEvent, GatePhase } from './gate-event.ts';
import { type HuntedFinding, huntForNew } from './hunt-for-new.ts';
import { huntItem, openHuntCount, verdictOnHunt } from './hunt-verdict.ts';
import type { Item, ItemResult } from './item.ts';
import type { NamedFinding } from './items.ts';
import type { KnownDefects } from './known.ts';
import type { GateLane, Sides } from './lane.ts';
import { limits } from './limits.ts';
import type { Division } from './plan.ts';
import type { Policy } from './policy.ts';
import { ruleOnDiscovery } from './rule-on-discovery.ts';
import { ruleOnFinding } from './rule-on-finding.ts';
import { ruleOnSequence } from './rule-on-sequence.ts';
import type { Ruling } from './ruling.ts';

export type GatePlan = {
  sides: Sides;
  flavours: readonly Flavour[];
  division: Division;
  known: KnownDefects;
  /** All that the store has, also what there is no time to replay. */
  stored: readonly NamedFinding[];
  policy: Policy;
  today: string;
  workers: number;
  /** What the hunt is given; its time and its store are the gate's. */
  hunt: Omit<HuntPlan, 'findingsDir' | 'budget'>;
  /** The hunt ends after so many sequences, if not before. */
  huntSequences?: number;
  root: RunRoot;
  /** Who carries it out; this machine, where nobody else does. */
  crew?: Crew;
  tool: { name: string; version: string };
};

/** Looks at everything that was planned, candidate beside baseline. What happens comes out as events; nothing is printed. */
export async function* gate(plan: GatePlan, stop: AbortSignal): AsyncGenerator<GateEvent> {
  const events = new TransformStream<GateEvent, GateEvent>(undefined, {
    highWaterMark: Number.POSITIVE_INFINITY,
  });
  const writer = events.writable.getWriter();
  const report = (event: GateEvent): void => void writer.write(event).catch(() => {});
  const work = carryOut(plan, report, stop).then(
    () => writer.close(),
    (error: unknown) => writer.abort(error),
  );
  yield* events.readable;
  await work;
}

async function carryOut(plan: GatePlan, out: (event: GateEvent) => void, stop: AbortSignal): Promise<void> {
  const { division, sides } = plan;
  const crew = plan.crew ?? openCrew(plan);
  const report = (event: GateEvent): void => {
    crew.hear?.(event);
    out(event);
  };
  const begunMs = performance.now();
  const elapsedMs = (): number => performance.now() - begunMs;
  const { budgetMs } = division;
  const isOver = (): boolean => stop.aborted || elapsedMs() >= budgetMs;
  const { shares } = limits;
  const huntFromMs = budgetMs * (shares.sequences + shares.findings);
  const lanes = await crew.lanes((side, tried) => report({ kind: 'ran', side, tried }));
  const kill = (): void => void Promise.all(lanes.map((lane) => lane.kill())).catch(() => {});
  stop.addEventListener('abort', kill, { once: true });
  const common = {
    ...plan,
    causes: openCauses(),
    candidate: sides.candidate,
    baseline: sides.baseline,
    version: sides.candidate.version,
    hasBaseline: (flavour: Flavour) => sides.baseline?.[flavour] !== undefined,
  };
  const results: ItemResult[] = [];

  try {
    report({ kind: 'began', division });
    await machines();
    await part('sequences', division.sequences.items, budgetMs * shares.sequences, ruleOnSequence);
    await part('findings', division.findings.items, huntFromMs, ruleOnStored);
    await huntPart();
    await machines();
  } finally {
    stop.removeEventListener('abort', kill);
    if (!stop.aborted) await Promise.all(lanes.map((lane) => lane.close()));
    await crew.close();
  }

  async function machines(): Promise<void> {
    if (!crew.machines || stop.aborted) return;
    report({ kind: 'hunted', event: { kind: 'machines', machines: await crew.machines() } });
  }

  /** A phase ends with its items; none is begun after `endMs`, and what was begun ends where the hunt's time begins. */
  async function part(
    phase: GatePhase,
    items: readonly Item[],
    endMs: number,
    rule: (item: Item, on: Ruling) => Promise<ItemResult>,
  ): Promise<void> {
    report({ kind: 'phase', phase, items: items.length });
    await inLanes(items, (lane, item) =>
      elapsedMs() >= endMs || isOver()
        ? Promise.resolve(notReached(item))
        : rule(item, { ...common, lane, outOfTime: timeOf(lane, huntFromMs) }),
    );
  }

  /** The time that an item gets from now on: its share of the budget, and none of what comes after its part. */
  function timeOf(lane: GateLane, partEndMs: number): () => string | undefined {
    const shareMs = budgetMs * limits.itemShare;
    const endMs = elapsedMs() - lane.waitedMs() + shareMs;
    return () => {
      if (elapsedMs() >= partEndMs || isOver()) return 'there was no time left to decide it';
      return elapsedMs() - lane.waitedMs() < endMs
        ? undefined
        : `it took more than its share of ${Math.round(shareMs / 1000)} s`;
    };
  }

  /** Each lane takes the next item when it is done with one. */
  async function inLanes<T>(
    items: readonly T[],
    work: (lane: GateLane, item: T) => Promise<ItemResult>,
  ): Promise<void> {
    const queue = [...items];
    await Promise.all(
      lanes.map(async (lane) => {
        for (let item = queue.shift(); item !== undefined && !stop.aborted; item = queue.shift())
          await unlessStopped(work(lane, item));
      }),
    );
  }

  /** What goes wrong once the sessions are killed says nothing. */
  async function unlessStopped(work: Promise<ItemResult>): Promise<void> {
    try {
      const result = await work;
      if (stop.aborted) return;
      results.push(result);
      report({ kind: 'ruled', result });
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  async function huntPart(): Promise<void> {
    const timeMs = budgetMs - division.showingMs - elapsedMs();
    if (stop.aborted) return;
    if (timeMs < limits.huntMinMs) {
      const reason = 'no time was left for a hunt';
      report({ kind: 'ruled', result: { ...huntItem(plan.hunt), verdict: 'unknown', reason } });
      return;
    }
    report({ kind: 'phase', phase: 'hunt', items: 0 });
    const [first] = lanes as [GateLane];
    const count = openHuntCount();
    let shown: Promise<void> = Promise.resolve();
    const early: HuntedFinding[] = [];
    const show = (lane: GateLane, found: HuntedFinding): Promise<ItemResult> =>
      ruleOnDiscovery(found, { ...common, lane, outOfTime: timeOf(lane, budgetMs) });
    const hunting = huntForNew(
      {
        ...plan.hunt,
        budget: { timeMs, ...(plan.huntSequences === undefined ? {} : { sequences: plan.huntSequences }) },
        workDir: plan.root.path,
        knownDirs: knownDirs(),
      },
      crew.hunt,
      (event) => {
        count.hear(event);
        report({ kind: 'hunted', event });
      },
      (found) => {
        if (crew.runsDuringHunt) shown = shown.then(() => unlessStopped(show(first, found)));
        else early.push(found);
      },
    );
    const killHunt = (): void => void hunting.kill();
    stop.addEventListener('abort', killHunt, { once: true });
    const left = await hunting.finished.catch((error: Error) => {
      count.failed(error.message);
      return [];
    });
    stop.removeEventListener('abort', killHunt);
    report({ kind: 'phase', phase: 'showing', items: early.length + left.length });
    await shown;
    await inLanes([...early, ...left], show);
    if (stop.aborted) return;
    report({ kind: 'ruled', result: { ...huntItem(plan.hunt), ...verdictOnHunt(count.result()) } });
  }

  /** What shows on the candidate: the replays say so or, of what was not replayed, the store. */
  function knownDirs(): string[] {
    const shows = new Set(['known', 'fail', 'flaky']);
    const { version } = sides.candidate;
    return plan.stored
      .filter(({ finding }) => {
        const replays = results.filter(({ item }) => item.finding?.id === finding.id);
        const ruled = replays.filter(({ verdict }) => verdict !== 'skipped' && verdict !== 'unknown');
        if (ruled.length > 0) return ruled.some(({ verdict }) => shows.has(verdict));
        return plan.flavours.some(
          (flavour) => plan.known.expected(finding, { version, flavour }) !== undefined,
        );
      })
      .map(({ file }) => dirname(file));
  }
}

const ruleOnStored = (item: Item, on: Ruling): Promise<ItemResult> => {
  const { finding } = item;
  if (!finding) throw new Error(`${item.name} is no stored finding`);
  return ruleOnFinding({ ...item, finding }, on);
};

const notReached = (item: Item): ItemResult => ({
  item,
  verdict: 'skipped',
  reason: 'there was no time left for it',
  isNotReached: true,
  candidate: { shown: 0, of: 0 },
});
