import { join } from 'node:path';
import type { Found } from '../findings/found.ts';
import type { Findings } from '../findings/store.ts';
import type { FindingKind, Rule } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { type Mask, maskOf } from './mask.ts';
import type { ProgramPlan, Ran, SeenViolation, ShrinkEnded, ShrinkTask } from './worker-messages.ts';

/** A signature met in this campaign. */
export type Discovery = {
  id: string;
  signature: string;
  title: string;
  rule: Rule;
  /** The store had it before this campaign. */
  known: boolean;
  firstSeenMs: number;
  count: number;
  steps: number;
  reproduced: { ok: number; of: number };
  /** Labels of the QEMUs it was seen on. */
  qemu: string[];
  path: string;
  shrunk: 'no' | 'queued' | 'running' | 'done' | 'unfinished';
};

/** What was found: recorded at once as it was met, shrunk when a worker is free, recorded again as it is then. */
export type Discoveries = {
  /** Those that are new to the campaign. */
  note(ran: Ran, sequence: Sequence, nowMs: number): Discovery[];
  nextShrink(): { discovery: Discovery; task: Omit<ShrinkTask, 'deadlineMs'> } | undefined;
  shrunk(ended: ShrinkEnded): Discovery | undefined;
  /** Back into the queue: its worker died. */
  requeue(id: string): void;
  waiting(): number;
  masks(): Mask[];
  all(): Discovery[];
  /** How often each was seen, and when last, goes into the store. */
  flush(): void;
};

type Kept = { discovery: Discovery; found: Found; task: Omit<ShrinkTask, 'deadlineMs'>; unrecorded: number };

export function openDiscoveries(plan: {
  store: Findings;
  programs: readonly ProgramPlan[];
  seed: string;
  tool: { name: string; version: string };
  shrink: boolean;
}): Discoveries {
  const { store } = plan;
  const kept = new Map<string, Kept>();
  const queue: Kept[] = [];
  const masks = storedMasks(store);

  return {
    note(ran, sequence, nowMs) {
      return ran.violations.flatMap((seen) => {
        const before = kept.get(seen.signature);
        if (!before) return seen.trace ? [begin(ran, sequence, seen, nowMs)] : [];
        before.discovery.count++;
        before.unrecorded++;
        const { label } = programOf(ran.program).target;
        if (!before.discovery.qemu.includes(label)) before.discovery.qemu.push(label);
        return [];
      });
    },
    nextShrink() {
      const next = queue.shift();
      if (!next) return undefined;
      next.discovery.shrunk = 'running';
      return { discovery: next.discovery, task: next.task };
    },
    shrunk(ended) {
      const entry = [...kept.values()].find(({ discovery }) => discovery.id === ended.id);
      if (!entry) return undefined;
      const { discovery, found } = entry;
      discovery.shrunk = ended.complete ? 'done' : 'unfinished';
      discovery.reproduced = ended.reproduced;
      discovery.steps = ended.sequence.steps.length;
      const { sequence, reproduced, executions } = ended;
      store.record({ ...found, ...ended.shown, sequence, reproduced, executions, times: 0 });
      noteMask(discovery, sequence);
      return discovery;
    },
    requeue(id) {
      const entry = [...kept.values()].find(({ discovery }) => discovery.id === id);
      if (entry) queue.push(entry);
    },
    waiting: () => queue.length,
    masks: () => masks,
    all: () => [...kept.values()].map(({ discovery }) => discovery).sort(bySeriousness),
    flush() {
      for (const entry of kept.values()) {
        if (entry.unrecorded > 0) store.metAgain(entry.discovery.id, entry.unrecorded);
        entry.unrecorded = 0;
      }
    },
  };

  function programOf(index: number): ProgramPlan {
    return plan.programs[index] as ProgramPlan;
  }

  function begin(ran: Ran, sequence: Sequence, seen: SeenViolation, nowMs: number): Discovery {
    const { violation, signature, trace = [] } = seen;
    const { target, flavour } = programOf(ran.program);
    const { label, version, path } = target;
    const reproduced = { ok: 1, of: 1 };
    const found: Found = {
      rule: violation.rule,
      signature,
      title: violation.text,
      sequence,
      original: sequence,
      trace,
      violation,
      reproduced,
      executions: 1,
      qemu: { label, version, path, flavour },
      seed: plan.seed,
      firstSeenMs: Math.round(nowMs),
      tool: plan.tool,
    };
    const { id, isNew } = store.record(found);
    const discovery: Discovery = {
      id,
      signature,
      title: violation.text,
      rule: violation.rule,
      known: !isNew,
      firstSeenMs: Math.round(nowMs),
      count: 1,
      steps: sequence.steps.length,
      reproduced,
      qemu: [label],
      path: join(store.dir, id),
      shrunk: 'no',
    };
    const step = violation.step === undefined ? {} : { step: violation.step };
    const task = { kind: 'shrink' as const, id, program: ran.program, sequence, signature, ...step };
    const entry = { discovery, found, task, unrecorded: 0 };
    kept.set(signature, entry);
    if (plan.shrink && isNew) {
      discovery.shrunk = 'queued';
      queue.push(entry);
      queue.sort((a, b) => bySeriousness(a.discovery, b.discovery));
    }
    return discovery;
  }

  /** Only what ends the session hides others; the rest is met again and counted. */
  function noteMask({ signature, rule, reproduced }: Discovery, minimal: Sequence): void {
    if (!hides(rule.kind)) return;
    masks.push(maskOf(signature, minimal, reproduced.ok / Math.max(1, reproduced.of)));
  }
}

const hides = (kind: FindingKind): boolean => kind === 'crash' || kind === 'hang';

function storedMasks(store: Findings): Mask[] {
  return store
    .list()
    .findings.flatMap(({ id, kind, signature, executions, reproduced: { ok, of } }) =>
      hides(kind) && executions > 1
        ? [maskOf(signature, store.read(id).sequence(), ok / Math.max(1, of))]
        : [],
    );
}

const seriousness: readonly FindingKind[] = [
  'integrity',
  'crash',
  'hang',
  'state',
  'leak',
  'validation',
  'protocol',
];

export function bySeriousness(a: { rule: Rule }, b: { rule: Rule }): number {
  return seriousness.indexOf(a.rule.kind) - seriousness.indexOf(b.rule.kind);
}
