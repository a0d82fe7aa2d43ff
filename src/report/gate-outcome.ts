import { impactOfFinding } from '../findings/finding.ts';
import { titleOf } from '../findings/title/title.ts';
import { gateVerdict } from '../gate/gate-verdict.ts';
import type { Item, ItemPhase, ItemResult } from '../gate/item.ts';
import type { Sides } from '../gate/lane.ts';
import type { Division } from '../gate/plan.ts';
import type { Policy } from '../gate/policy.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { packTrace } from '../trace/packed.ts';
import type { GateState } from './gate-tally.ts';
import { byVersionOf } from './hunt-outcome.ts';
import { inputCoverage } from './input-coverage.ts';
import { machine } from './machine.ts';
import { confinementOf, confinementOfMachines } from './opening-lines.ts';
import { qemuOutcome } from './qemu-outcome.ts';

export type GateOutcome = ReturnType<typeof gateOutcome>;
export type GateItem = GateOutcome['items'][number];

export type AboutGate = {
  tool: { name: string; version: string };
  options: Record<string, unknown>;
  sides: Sides;
  /** As the user named them, for commands that reproduce. */
  specs: { candidate: string; baseline?: string };
  flavours: readonly Flavour[];
  division: Division;
  policy: Policy;
  seed: string;
  startedAt: Date;
  /** Where a finding of the hunt is kept. */
  keptIn(id: string): string;
};

/** The contract's JSON object for a gate, as far as it has come; `complete`: it came to its end. */
export function gateOutcome(
  state: GateState,
  about: AboutGate,
  { elapsedMs, complete, interrupted }: { elapsedMs: number; complete: boolean; interrupted: boolean },
) {
  const { results, hunt, sums } = state;
  const { division, sides } = about;
  const planned = plannedIn(division);
  const { policy } = about;
  const { verdict, why, decided } = gateVerdict(results, {
    planned,
    policy,
    interrupted: interrupted || !complete,
  });
  const programs = [sides.candidate, ...(sides.baseline ? [sides.baseline] : [])].flatMap((target) =>
    about.flavours.filter((flavour) => target[flavour]).map((flavour) => ({ target, flavour })),
  );
  return {
    schema: 1 as const,
    tool: about.tool,
    qemu: programs.map(({ target, flavour }) => qemuOutcome(target, flavour)),
    candidate: sides.candidate.label,
    baseline: sides.baseline?.label ?? null,
    seed: about.seed,
    options: about.options,
    startedAt: about.startedAt.toISOString(),
    elapsedMs: Math.round(elapsedMs),
    sequences: state.runs.candidate + state.runs.baseline + hunt.sequences,
    commands: sums.commands + hunt.commands,
    guestWrites: sums.guestWrites + hunt.guestWrites,
    faultsInjected: sums.faultsInjected + hunt.faultsInjected,
    restarts: hunt.restarts,
    coverage: {
      ...hunt.coverage,
      features: hunt.features,
      byVersion: byVersionOf(hunt),
      byCommand: inputCoverage(hunt),
    },
    history: hunt.history,
    machine: machine(),
    findings: findingsOf(results, about),
    verdict,
    why: why ?? null,
    decided,
    rules: hunt.rules.rules,
    judgedInFull: { traces: hunt.rules.inFull, of: hunt.rules.traces },
    plan: planOf(division),
    /** Items that were planned, or would have been with more time, and that nobody looked at. */
    notReached: notReachedIn(results, division),
    complete,
    interrupted,
    confinement: hunt.machines ? confinementOfMachines(hunt.machines) : confinementOf(programs),
    ...(hunt.machines ? { machines: hunt.machines } : {}),
    workersLost: hunt.workersLost,
    warnings: state.warnings,
    items: asPlanned(results, division).map((result) => itemLine(result, about)),
  };
}

/** In the order of the plan, whoever was quicker, so that two gates can be laid side by side; then what the hunt found. */
function asPlanned(results: readonly ItemResult[], { sequences, findings }: Division): ItemResult[] {
  const places = new Map([...sequences.items, ...findings.items].map((item, place) => [item, place]));
  const place = ({ item }: ItemResult): number => places.get(item) ?? places.size;
  return results.toSorted((a, b) => place(a) - place(b));
}

const planOfPart = ({ items, leftOut, reckonedMs }: Division['sequences']) => ({
  items: items.length,
  leftOut: leftOut.length,
  reckonedMs,
});

function plannedIn({ sequences, findings }: Division): Partial<Record<ItemPhase, number>> {
  return phasesOf([...sequences.items, ...findings.items]);
}

function notReachedIn(
  results: readonly ItemResult[],
  { sequences, findings }: Division,
): Partial<Record<ItemPhase, number>> {
  const late = results.filter(({ isNotReached }) => isNotReached).map(({ item }) => item);
  return phasesOf([...late, ...sequences.leftOut, ...findings.leftOut]);
}

function phasesOf(items: readonly Item[]): Partial<Record<ItemPhase, number>> {
  const phases = [...Map.groupBy(items, ({ phase }) => phase)];
  return Object.fromEntries(phases.map(([phase, those]) => [phase, those.length]));
}

function planOf({ budgetMs, sequences, findings, huntMs, showingMs }: Division) {
  return { budgetMs, sequences: planOfPart(sequences), findings: planOfPart(findings), huntMs, showingMs };
}

function itemLine(result: ItemResult, about: AboutGate) {
  const { item, verdict, reason, candidate, baseline, broken } = result;
  return {
    name: item.name,
    verdict,
    // Runs that did not show it, as of any other item.
    ok: candidate.of - candidate.shown,
    of: candidate.of,
    reason,
    isNotReached: result.isNotReached === true,
    qemu: about.sides.candidate.label,
    flavour: item.flavour,
    storage: item.storage ?? null,
    phase: item.phase,
    title: titleOfItem(result),
    path: pathOf(result, about),
    shown: { candidate, baseline: baseline ?? null },
    ...gravity(result),
    finding: broken?.id ?? item.finding?.id ?? null,
    rule: broken?.rule.name ?? null,
    ...runsOf(result, about),
    reproduce: reproduceWith(result, about),
  };
}

/** Of what fails, a run on either QEMU, packed (`base64 -d | zcat`). */
function runsOf({ verdict, broken, beside }: ItemResult, { sides }: AboutGate) {
  if (!broken || !beside || !sides.baseline || (verdict !== 'fail' && verdict !== 'flaky')) return {};
  return {
    runs: [
      { on: `baseline ${sides.baseline.version}`, trace: packedOnce(beside) },
      { on: `candidate ${sides.candidate.version}`, trace: packedOnce(broken.trace) },
    ],
  };
}

/** The result is written every second while a gate runs. */
function packedOnce(trace: Trace): string {
  const known = packed.get(trace) ?? packTrace(trace);
  packed.set(trace, known);
  return known;
}

const packed = new WeakMap<Trace, string>();

function pathOf({ item }: ItemResult, { keptIn }: AboutGate): string {
  return item.phase === 'hunt' && item.finding ? `${keptIn(item.finding.id)}/sequence.json` : item.file;
}

/** The one command that shows it again. */
function reproduceWith(result: ItemResult, about: AboutGate): string | null {
  const { item } = result;
  const on = `--qemu ${shellWord(about.specs.candidate)} --flavour ${item.flavour}`;
  const [, name = ''] = item.name.split(/\/(.*)/s);
  switch (item.phase) {
    case 'scenario':
      return `mirrorfuzz scenario run ${shellWord(name)} ${on}${item.storage === undefined ? '' : ` --storage ${item.storage}`}`;
    case 'regression':
      return `mirrorfuzz run ${shellWord(item.file)} ${on}`;
    case 'finding':
      return `mirrorfuzz replay ${shellWord(item.file.replace(/\/sequence\.json$/, ''))} ${on}`;
    case 'hunt':
      return item.finding ? `mirrorfuzz replay ${shellWord(about.keptIn(item.finding.id))} ${on}` : null;
  }
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function findingsOf(results: readonly ItemResult[], about: AboutGate) {
  const found = new Map<string, ReturnType<typeof findingLine>>();
  for (const result of results)
    if (result.broken && !found.has(result.broken.id))
      found.set(result.broken.id, findingLine(result, result.broken, about));
  return [...found.values()];
}

function findingLine(result: ItemResult, broken: NonNullable<ItemResult['broken']>, about: AboutGate) {
  const { item, verdict, candidate } = result;
  const [opened] = broken.trace;
  const began = opened?.kind === 'opened' ? Date.parse(opened.startedAt) - about.startedAt.getTime() : 0;
  return {
    id: broken.id,
    kind: broken.rule.kind,
    rule: broken.rule.name,
    signature: broken.signature,
    title: titleOfItem(result),
    firstSeenMs: Math.max(0, Math.round(began + (broken.trace[broken.at]?.us ?? 0) / 1000)),
    steps: item.sequence.steps.length,
    reproduced: { ok: candidate.shown, of: candidate.of },
    qemu: [about.sides.candidate.label],
    path: pathOf(result, about),
    known: verdict === 'known',
    facts: broken.facts,
    impact: broken.impact,
    reach: broken.reach,
  };
}

/** By cause and effect, as a report has it; a finding that shows as it is stored keeps the title that it was given. */
function titleOfItem({ item, broken }: ItemResult): string {
  if (!broken || broken.id === item.finding?.id) return item.title;
  return titleOf(broken, item.sequence, broken.trace);
}

function gravity({ broken, item }: ItemResult) {
  const { finding } = item;
  return {
    impact: broken?.impact ?? (finding ? impactOfFinding(finding) : null),
    reach: broken?.reach ?? finding?.reach ?? null,
  };
}
