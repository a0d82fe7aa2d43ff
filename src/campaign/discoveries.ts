import { join } from 'node:path';
import type { Found } from '../findings/found.ts';
import { readableSequence } from '../findings/readable.ts';
import { isShrunk } from '../findings/same-defect.ts';
import { bySeriousness as byKind } from '../findings/seriousness.ts';
import type { Findings } from '../findings/store.ts';
import { wordsOf } from '../judge/facts/words.ts';
import type { FindingKind, Rule, Violation } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { limits } from './limits.ts';
import { type Mask, maskOf, steerRound } from './mask.ts';
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
  /** joined: it is told by another finding. */
  shrunk: 'no' | 'queued' | 'running' | 'done' | 'unfinished' | 'joined';
};

/** What was found: recorded at once as it was met, shrunk when a worker is free, recorded again as it is then. */
export type Discoveries = {
  /** Those that are new to the campaign. */
  note(ran: Ran, sequence: Sequence, nowMs: number): Discovery[];
  /** `isVariant`: the finding is minimal; it is about steering round another way to it. */
  nextShrink(
    isFit: (signature: string) => boolean,
    generating: boolean,
  ): { discovery: Discovery; task: ShrinkPlan; isVariant: boolean } | undefined;
  shrunk(ended: ShrinkEnded): Discovery | undefined;
  /** Back into the queue: its worker died. */
  requeue(id: string): void;
  /** It stays as it is: the machine did not let it be shrunk. */
  leave(id: string): void;
  waiting(): number;
  masks(): Mask[];
  all(): Discovery[];
  /** How often each was seen, and when last, goes into the store. */
  flush(): void;
};

type ShrinkPlan = Omit<ShrinkTask, 'deadlineMs'>;
type Kept = { discovery: Discovery; found: Found; task: ShrinkPlan; unrecorded: number };
type Waiting = { entry: Kept; task: ShrinkPlan };

export function openDiscoveries(plan: {
  store: Findings;
  programs: readonly ProgramPlan[];
  seed: string;
  tool: { name: string; version: string };
  shrink: boolean;
}): Discoveries {
  const { store } = plan;
  const kept = new Map<string, Kept>();
  const queue: Waiting[] = [];
  /** Other ways to crashes that are minimal already; they have time. */
  const variants: Waiting[] = [];
  const masks = storedMasks(store);

  return {
    note(ran, sequence, nowMs) {
      return ran.violations.flatMap((seen) => {
        const before = kept.get(seen.signature);
        if (!before) {
          const begun = seen.trace && begin(ran, sequence, seen, nowMs);
          return begun && begun.shrunk !== 'joined' ? [begun] : [];
        }
        before.discovery.count++;
        before.unrecorded++;
        if (isAnotherWay(before.discovery, sequence))
          variants.push({ entry: before, task: taskOf(before.discovery, ran, sequence, seen.violation) });
        const { label } = programOf(ran.program).target;
        if (!before.discovery.qemu.includes(label)) before.discovery.qemu.push(label);
        return [];
      });
    },
    nextShrink(isFit, generating) {
      let first = takeFit(queue, isFit);
      while (first?.entry.discovery.shrunk === 'joined') first = takeFit(queue, isFit);
      if (first) first.entry.discovery.shrunk = 'running';
      const next = first ?? (generating ? takeFit(variants, isFit) : undefined);
      return next && { discovery: next.entry.discovery, task: next.task, isVariant: first === undefined };
    },
    shrunk(ended) {
      const entry = kept.get(ended.signature);
      if (!entry) return undefined;
      const { discovery, found } = entry;
      if (discovery.shrunk !== 'running') {
        noteMask(discovery, ended);
        return undefined;
      }
      discovery.shrunk = ended.complete ? 'done' : 'unfinished';
      discovery.reproduced = ended.reproduced;
      discovery.steps = ended.sequence.steps.length;
      const { sequence, reproduced, executions } = ended;
      const minimal = { ...found, ...ended.shown, sequence, reproduced, executions, times: 0 };
      const { id, joined } = store.record(minimal);
      if (joined.length > 0) merge(discovery, id, joined);
      noteMask(discovery, ended);
      return discovery;
    },
    requeue(id) {
      const entry = [...kept.values()].find(
        ({ discovery }) => discovery.id === id && discovery.shrunk === 'running',
      );
      if (entry) enqueue(entry);
    },
    leave(id) {
      for (const { discovery } of kept.values())
        if (discovery.id === id && discovery.shrunk === 'running') discovery.shrunk = 'unfinished';
    },
    waiting: () => queue.length,
    masks: () => masks,
    all: () =>
      [...kept.values()]
        .map(({ discovery }) => discovery)
        .filter(({ shrunk }) => shrunk !== 'joined')
        .sort(bySeriousness),
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
    const beside = ran.violations.map((each) => each.signature).filter((each) => each !== signature);
    const found: Found = {
      rule: violation.rule,
      signature,
      title: wordsOf(violation),
      sequence,
      original: sequence,
      trace,
      violation,
      beside,
      reproduced,
      executions: 1,
      qemu: { label, version, path, flavour },
      seed: plan.seed,
      firstSeenMs: Math.round(nowMs),
      tool: plan.tool,
    };
    const { id, isNew, joined } = store.record(found);
    const discovery: Discovery = {
      id,
      signature,
      title: wordsOf(violation),
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
    const entry = { discovery, found, task: taskOf(discovery, ran, sequence, violation), unrecorded: 0 };
    kept.set(signature, entry);
    if (joined.length > 0) merge(discovery, id, joined);
    const isMinimal = (!isNew || joined.length > 0) && isShrunk(store.read(id).finding);
    if (plan.shrink && !isMinimal && discovery.shrunk === 'no') enqueue(entry);
    return discovery;
  }

  function taskOf({ id, signature }: Discovery, { program }: Ran, sequence: Sequence, { step }: Violation) {
    return {
      kind: 'shrink' as const,
      id,
      program,
      sequence,
      signature,
      ...(step === undefined ? {} : { step }),
    };
  }

  function enqueue(entry: Kept): void {
    entry.discovery.shrunk = 'queued';
    queue.push({ entry, task: entry.task });
    queue.sort((a, b) => bySeriousness(a.entry.discovery, b.entry.discovery));
  }

  /** Findings turned out to be one: the others may have been met in this campaign, or before it. */
  function merge(discovery: Discovery, leader: string, others: readonly string[]): void {
    const ids = new Set([discovery.id, ...others]);
    const met = [...kept.values()].map((entry) => entry.discovery).filter(({ id }) => ids.has(id));
    const standing = met.filter(({ shrunk }) => shrunk !== 'joined');
    const leads = standing.find(({ id }) => id === leader) ?? discovery;
    if (leads.id !== leader) leads.known = true; // the store had it before this campaign
    for (const each of standing.filter((other) => other !== leads)) {
      leads.count += each.count;
      each.shrunk = 'joined';
    }
    for (const each of met) Object.assign(each, { id: leader, path: join(store.dir, leader) });
  }

  /** The same crash where no mask of it fits: another way to it, that is to be steered round too. */
  function isAnotherWay({ signature, rule, shrunk }: Discovery, sequence: Sequence): boolean {
    if (!plan.shrink || !hides(rule.kind) || shrunk !== 'done') return false;
    const own = masks.filter((mask) => mask.signature === signature);
    if (own.length >= limits.masksPerSignatureMax || variants.length >= limits.masksPerSignatureMax)
      return false;
    return steerRound(sequence, own, () => true).masked === 0;
  }

  /** Only what ends the session hides others; the rest is met again and counted. */
  function noteMask({ signature, rule }: Discovery, { sequence, reproduced: { ok, of } }: ShrinkEnded): void {
    if (hides(rule.kind) && ok > 0) masks.push(maskOf(signature, sequence, ok / of));
  }
}

function takeFit(from: Waiting[], isFit: (signature: string) => boolean): Waiting | undefined {
  const at = from.findIndex(({ task }) => isFit(task.signature));
  return at === -1 ? undefined : from.splice(at, 1)[0];
}

const hides = (kind: FindingKind): boolean => kind === 'crash' || kind === 'hang';

function storedMasks(store: Findings): Mask[] {
  return store
    .list()
    .findings.filter((finding) => hides(finding.kind) && isShrunk(finding))
    .flatMap(({ id, signature, reproduced: { ok, of } }) => {
      const sequence = readableSequence(store.read(id));
      return sequence ? [maskOf(signature, sequence, ok / Math.max(1, of))] : [];
    });
}

export function bySeriousness(a: { rule: Rule }, b: { rule: Rule }): number {
  return byKind(a.rule.kind, b.rule.kind);
}
