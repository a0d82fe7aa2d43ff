import { isVague } from '../../findings/apart.ts';
import { headOf, type NewFinding } from '../../findings/new-finding.ts';
import { mayHideAnother } from '../../findings/other-cause.ts';
import { blame } from '../../findings/stacks/cause.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import type { Findings } from '../../findings/store.ts';
import type { Violation } from '../../judge/rule.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { isExplicable } from '../explain/explain.ts';
import { limits } from '../limits.ts';
import type {
  ExplainEnded,
  ExplainTask,
  ProgramPlan,
  Ran,
  SeenViolation,
  ShrinkEnded,
  ShrinkTask,
} from '../worker/worker-messages.ts';
import { anotherDefect, takingOtherCommands } from './another-defect.ts';
import { bySeriousness, byWeight, type Discovery } from './discovery.ts';
import { type Mask, maskOf, steerRound } from './mask.ts';
import { openRecording, type Recorded } from './recording.ts';
import { hides, isAtEnd, storedMasks } from './stored-masks.ts';
import { stacksOfKnown, toLookAt, unsureWords, whyUnsure } from './told-apart.ts';

/** What was found: recorded at once as it was met, shrunk when a worker is free, recorded again as it is then. */
export type Discoveries = {
  /** Those that are new to the campaign. */
  note(ran: Ran, sequence: Sequence, nowMs: number): Discovery[];
  /** `isVariant`: the finding is minimal; it is about whether this is another one, or about steering round another way to it. */
  nextShrink(
    isFit: (signature: string) => boolean,
    may: { vary: boolean; check: boolean },
  ): { discovery: Discovery; task: ShrinkPlan; isVariant: boolean } | undefined;
  /** `isAnother`: debuggers, or what it takes, have shown that a variant of a known finding is another one. */
  shrunk(ended: ShrinkEnded): { discovery: Discovery; isAnother: boolean } | undefined;
  /** A crash or hang that is minimal and that valgrind has not looked into; each once. */
  nextExplain(): Omit<ExplainTask, 'kind' | 'deadlineMs'> | undefined;
  unexplained(): number;
  /** undefined where nothing was seen. */
  explained(ended: ExplainEnded): Discovery | undefined;
  /** Back into the queue: its worker died. */
  requeue(id: string): void;
  /** It stays as it is: the machine did not let it be shrunk. */
  leave(id: string): void;
  waiting(): number;
  masks(): Mask[];
  all(): Discovery[];
  /** How often each was seen, and when last, goes into the store; so does what it could not take before. */
  flush(): void;
};

type ShrinkPlan = Omit<ShrinkTask, 'deadlineMs'>;
/** `found`: as it was recorded last. */
type Kept = {
  discovery: Discovery;
  found: NewFinding;
  task: ShrinkPlan;
  unrecorded: number;
  requeued: number;
  /** The store had it, minimal and with stacks: another one of its signature can be told from it. */
  isExplained: boolean;
};
const unmet = { unrecorded: 0, requeued: 0, isExplained: false };
type Waiting = { entry: Kept; task: ShrinkPlan };

export function openDiscoveries(plan: {
  store: Findings;
  programs: readonly ProgramPlan[];
  seed: string;
  tool: { name: string; version: string };
  shrink: boolean;
  /** Of what could not be saved or read. */
  warn(message: string): void;
}): Discoveries {
  const { store } = plan;
  const recording = openRecording(store, plan.warn);
  const kept = new Map<string, Kept>();
  const queue: Waiting[] = [];
  /** Other ways to crashes that are minimal already; they have time. */
  const variants: Waiting[] = [];
  const toExplain: Kept[] = [];
  /** Known findings that were met again: whether they are what they look like is asked once a campaign. */
  const checks: Waiting[] = [];
  const checking = new Set<string>();
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
        if (isAnotherWay(before, sequence))
          variants.push({ entry: before, task: taskOf(before.discovery, ran, sequence, seen.violation) });
        const { label } = programOf(ran.program).target;
        if (!before.discovery.qemu.includes(label)) before.discovery.qemu.push(label);
        return [];
      });
    },
    nextShrink(isFit, may) {
      let first = takeFit(queue, isFit);
      while (first?.entry.discovery.shrunk === 'joined') first = takeFit(queue, isFit);
      if (first) first.entry.discovery.shrunk = 'running';
      const check = first || !may.check ? undefined : takeFit(checks, isFit);
      if (check) checking.add(check.task.signature);
      const next = first ?? check ?? (may.vary ? takeFit(variants, isFit) : undefined);
      return next && { discovery: next.entry.discovery, task: next.task, isVariant: first === undefined };
    },
    shrunk(ended) {
      const entry = kept.get(ended.signature);
      if (!entry) return undefined;
      const { discovery, found } = entry;
      if (discovery.shrunk !== 'running') {
        const another = noteVariant(entry, ended);
        return another && { discovery: another, isAnother: true };
      }
      discovery.shrunk = ended.complete ? 'done' : 'unfinished';
      discovery.reproduced = ended.reproduced;
      discovery.steps = ended.sequence.steps.length;
      const { sequence, reproduced, executions, stacks = [] } = ended;
      entry.found = { ...found, ...ended.shown, sequence, reproduced, executions, stacks, times: 0 };
      if (ended.complete && ended.shown && isForValgrind(discovery, ended)) toExplain.push(entry);
      Object.assign(discovery, headOf(entry.found));
      noteCause(discovery, stacks);
      const recorded = recording.record(entry.found);
      if (recorded.joined.length > 0) merge(discovery, recorded);
      noteStored(discovery, recorded);
      noteMask(discovery, ended);
      return { discovery, isAnother: false };
    },
    nextExplain() {
      const next = toExplain.shift();
      if (!next) return undefined;
      const { found, task } = next;
      return {
        id: next.discovery.id,
        program: task.program,
        sequence: found.sequence,
        signature: found.signature,
      };
    },
    unexplained: () => toExplain.length,
    explained({ signature, stacks }) {
      const entry = kept.get(signature);
      if (!entry || stacks.length === 0) return undefined;
      entry.found = { ...entry.found, stacks: [...(entry.found.stacks ?? []), ...stacks], times: 0 };
      noteCause(entry.discovery, entry.found.stacks);
      const recorded = recording.record(entry.found);
      if (recorded.joined.length > 0) merge(entry.discovery, recorded);
      noteStored(entry.discovery, recorded);
      return entry.discovery;
    },
    requeue(id) {
      const entry = [...kept.values()].find(
        ({ discovery }) => discovery.id === id && discovery.shrunk === 'running',
      );
      if (!entry) return;
      if (entry.requeued++ < limits.requeuesMax) enqueue(entry);
      else entry.discovery.shrunk = 'unfinished';
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
        .sort(byWeight),
    flush() {
      for (const entry of kept.values()) {
        const { discovery, found, unrecorded } = entry;
        if (discovery.unsaved) noteStored(discovery, recording.record({ ...found, times: 1 + unrecorded }));
        else if (unrecorded > 0) recording.metAgain(found, discovery.id, unrecorded);
        entry.unrecorded = 0;
      }
    },
  };

  /** A variant of a known crash: where it turns out to be another one, it is told beside that. */
  function noteVariant({ discovery, found }: Kept, ended: ShrinkEnded): Discovery | undefined {
    noteMask(discovery, ended);
    const before = stacksOfKnown(store, discovery.id, ended);
    const isCheck = checking.delete(ended.signature);
    const other =
      anotherDefect(found, ended, before) ??
      (isCheck ? takingOtherCommands(store, discovery.id, found, ended) : undefined);
    const unsure = isCheck && !other ? whyUnsure(store, discovery.id, ended, before) : undefined;
    if (unsure !== undefined) plan.warn(unsureWords(discovery.id, unsure));
    const recorded = other && recording.record(other);
    const key = `${found.signature} ${recorded?.id}`;
    if (!other || !recorded || recorded.id === discovery.id || kept.has(key)) return undefined;
    const { id, path, isNew } = recorded;
    const { sequence, reproduced, violation } = other;
    const own: Discovery = {
      ...discovery,
      ...headOf(other),
      ...{ id, path, reproduced, known: !isNew, count: 1, steps: sequence.steps.length },
      ...(other.apartFrom === undefined ? {} : { apartFrom: other.apartFrom }),
      shrunk: ended.complete ? 'done' : 'unfinished',
    };
    noteCause(own, other.stacks);
    const task = taskOf(own, ended, sequence, violation);
    kept.set(key, { ...unmet, discovery: own, found: other, task });
    return own;
  }

  /** It does not start a QEMU that was fetched (docs/findings.md). */
  function isForValgrind({ rule }: Discovery, { program }: ShrinkEnded): boolean {
    return isExplicable(rule.kind) && programOf(program).target.origin !== 'fetched';
  }

  function noteCause(discovery: Discovery, stacks: readonly Stack[] = []): void {
    const cause = blame(stacks);
    if (cause !== undefined) discovery.cause = cause;
  }

  /** A debugger may have shown that it is none of those that the store has under its signature. */
  function noteStored(discovery: Discovery, { id, path, title, unsaved, isNew }: Recorded): void {
    Object.assign(discovery, { id, path, unsaved, ...(title === undefined ? {} : { title }) });
    if (isNew) discovery.known = false;
  }

  function programOf(index: number): ProgramPlan {
    return plan.programs[index] as ProgramPlan;
  }

  function begin(ran: Ran, sequence: Sequence, seen: SeenViolation, nowMs: number): Discovery {
    const { violation, signature, trace = [] } = seen;
    const { target, flavour } = programOf(ran.program);
    const { label, version, path } = target;
    const reproduced = { ok: 1, of: 1 };
    const beside = ran.violations.map((each) => each.signature).filter((each) => each !== signature);
    const found: NewFinding = {
      rule: violation.rule,
      signature,
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
    const recorded = recording.record(found);
    const { id, path: at, title, isNew, isMinimal, isExplained, joined, unsaved } = recorded;
    const discovery: Discovery = {
      id,
      signature,
      facts: violation.facts,
      ...headOf(found),
      ...(title === undefined ? {} : { title }),
      rule: violation.rule,
      known: !isNew,
      firstSeenMs: Math.round(nowMs),
      count: 1,
      steps: sequence.steps.length,
      reproduced,
      qemu: [label],
      path: at,
      ...(unsaved ? { unsaved } : {}),
      shrunk: 'no',
    };
    const task = taskOf(discovery, ran, sequence, violation);
    const entry: Kept = { ...unmet, discovery, found, task, isExplained: isMinimal && isExplained };
    kept.set(signature, entry);
    if (joined.length > 0) merge(discovery, recorded);
    if (plan.shrink && !isMinimal && discovery.shrunk === 'no') enqueue(entry);
    if (plan.shrink && !isNew && isMinimal && mayHideAnother(signature)) {
      const against = isVague(signature) ? toLookAt(store, id, label) : undefined;
      checks.push({ entry, task: { ...task, ...(against ? { against } : {}) } });
    }
    return discovery;
  }

  function taskOf(
    { id, signature }: Discovery,
    { program }: { program: number },
    sequence: Sequence,
    { step }: Violation,
  ) {
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
  function merge(discovery: Discovery, { id: leader, path, joined: others }: Recorded): void {
    const ids = new Set([discovery.id, ...others]);
    const met = [...kept.values()].map((entry) => entry.discovery).filter(({ id }) => ids.has(id));
    const standing = met.filter(({ shrunk }) => shrunk !== 'joined');
    const leads = standing.find(({ id }) => id === leader) ?? discovery;
    if (leads.id !== leader) leads.known = true; // the store had it before this campaign
    for (const each of standing.filter((other) => other !== leads)) {
      leads.count += each.count;
      each.shrunk = 'joined';
    }
    for (const each of met) Object.assign(each, { id: leader, path });
  }

  /** The same crash where no mask of it fits: another way to it, that is to be steered round too. */
  function isAnotherWay({ discovery, isExplained }: Kept, sequence: Sequence): boolean {
    const { signature, rule, shrunk } = discovery;
    if (!plan.shrink || !hides(rule.kind) || (shrunk !== 'done' && !isExplained)) return false;
    const own = masks.filter((mask) => mask.signature === signature);
    if (own.length >= limits.masksPerSignatureMax || variants.length >= limits.masksPerSignatureMax)
      return false;
    return steerRound(sequence, own, () => true).masked === 0;
  }

  /** Only what ends the session hides others; the rest is met again and counted. */
  function noteMask({ signature, rule }: Discovery, ended: ShrinkEnded): void {
    const { ok, of } = ended.reproduced;
    const more = ended.shown && isAtEnd(ended.shown.trace) ? { atEnd: true as const } : {};
    if (hides(rule.kind) && ok > 0) masks.push(maskOf(signature, ended.sequence, ok / of, more));
  }
}

function takeFit(from: Waiting[], isFit: (signature: string) => boolean): Waiting | undefined {
  const at = from.findIndex(({ task }) => isFit(task.signature));
  return at === -1 ? undefined : from.splice(at, 1)[0];
}
