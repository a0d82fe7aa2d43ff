import { countsOf } from '../campaign/feedback/coverage.ts';
import type { RunItem } from '../campaign/run-all.ts';
import { impactOf } from '../findings/impact.ts';
import { reachOf } from '../findings/reach.ts';
import { findingId, signatureOf } from '../findings/signature.ts';
import type { StoredAs } from '../findings/stored-as.ts';
import { titleOf } from '../findings/title/title.ts';
import { wordsOf } from '../judge/facts/words.ts';
import { brief } from '../judge/ledger.ts';
import type { Violation } from '../judge/rule.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { type Flavour, statusChange, type Trace } from '../trace/observation.ts';
import { allowsPass, countDecided } from './decided.ts';
import { confinementOf } from './opening-lines.ts';
import { qemuOutcome } from './qemu-outcome.ts';
import { openRulesTally } from './rules-tally.ts';

/** Everything that ran, in the contract's JSON form; `items` says more than it asks for. */
export type Outcome = ReturnType<Tally['outcome']>;

/** Takes in runs as they end and keeps the figures, not the traces: a night's runs must not fill the memory. */
export type Tally = ReturnType<typeof openTally>;

type About = {
  tool: { name: string; version: string };
  options: Record<string, unknown>;
  programs: readonly { target: QemuTarget; flavour: Flavour }[];
  startedAt: Date;
  /** The store that knows what broke before. */
  stored: StoredAs;
};

export function openTally({ tool, options, programs, startedAt, stored }: About) {
  const items: ItemLine[] = [];
  const findings = new Map<string, Finding>();
  const sums = { sequences: 0, commands: 0, guestWrites: 0, faultsInjected: 0 };
  const coverage: Coverage = { commands: {}, events: {}, statuses: {} };
  const decided = countDecided();
  const rules = openRulesTally();

  return {
    add(item: RunItem): void {
      items.push(itemLine(item));
      if (item.verdict === 'skipped') return;
      if (item.verdict === 'unknown') decided.undecided(item.reason ?? 'without a reason');
      else decided.decided();
      sums.sequences++;
      const counts = countsOf(item.trace);
      for (const key of ['commands', 'guestWrites', 'faultsInjected'] as const) sums[key] += counts[key];
      rules.add(brief(item.verdicts));
      cover(coverage, item.trace);
      for (const violation of item.violations) addFinding(findings, violation, item, { startedAt, stored });
    },
    outcome(ending: { elapsedMs: number; sessionsStarted: number; interrupted: boolean }) {
      const judged = decided.result();
      const ruled = rules.result();
      // Where all were skipped nothing has passed.
      const isUnknown = ending.interrupted || !allowsPass(judged);
      return {
        schema: 1,
        tool,
        qemu: programs.map(({ target, flavour }) => qemuOutcome(target, flavour)),
        seed: null,
        options,
        startedAt: startedAt.toISOString(),
        elapsedMs: Math.round(ending.elapsedMs),
        ...sums,
        restarts: Math.max(0, ending.sessionsStarted - programs.length),
        coverage,
        findings: [...findings.values()],
        verdict: findings.size > 0 ? ('fail' as const) : isUnknown ? ('unknown' as const) : ('pass' as const),
        decided: judged,
        rules: ruled.rules,
        judgedInFull: { traces: ruled.inFull, of: ruled.traces },
        interrupted: ending.interrupted,
        confinement: confinementOf(programs),
        workersLost: [], // these run in this process
        items,
      };
    },
  };
}

type ItemLine = ReturnType<typeof itemLine>;

function itemLine({ named, target, flavour, verdict, reason, violations }: RunItem) {
  return {
    name: named.name,
    verdict,
    ok: verdict === 'pass' ? 1 : 0,
    of: verdict === 'skipped' ? 0 : 1,
    reason:
      verdict === 'fail'
        ? violations.map((each) => `${each.rule.name}: ${wordsOf(each)}`).join('; ')
        : (reason ?? ''),
    qemu: target.label,
    flavour,
  };
}

type Finding = ReturnType<typeof newFinding>;

/** The same rule broken in the same words is the same finding, on however many QEMUs. */
function addFinding(
  findings: Map<string, Finding>,
  violation: Violation,
  item: RunItem,
  about: Pick<About, 'startedAt' | 'stored'>,
): void {
  const signature = signatureOf(violation, item.trace);
  const known = findings.get(signature);
  if (!known) findings.set(signature, newFinding(signature, violation, item, about));
  else if (!known.qemu.includes(item.target.label)) known.qemu.push(item.target.label);
}

function newFinding(
  signature: string,
  violation: Violation,
  { named, trace, target }: RunItem,
  { startedAt, stored }: Pick<About, 'startedAt' | 'stored'>,
) {
  const before = stored(signature);
  const [opened] = trace;
  const began = opened?.kind === 'opened' ? Date.parse(opened.startedAt) - startedAt.getTime() : 0;
  return {
    id: before?.id ?? findingId(signature),
    kind: violation.rule.kind,
    rule: violation.rule.name,
    signature,
    title: titleOf(violation, named.sequence, trace),
    firstSeenMs: Math.max(0, Math.round(began + (trace[violation.at]?.us ?? 0) / 1000)),
    steps: named.sequence.steps.length,
    reproduced: { ok: 1, of: 1 },
    qemu: [target.label],
    path: named.file,
    known: before !== undefined && before.status !== 'fixed',
    impact: impactOf(violation.facts, violation.rule.name, named.sequence),
    reach: reachOf(named.sequence, trace, violation.facts),
    facts: violation.facts,
  };
}

type Coverage = {
  commands: Record<string, { ok: number; error: number }>;
  events: Record<string, number>;
  statuses: Record<string, number>;
};

function cover({ commands, events, statuses }: Coverage, trace: Trace): void {
  const names = new Map<string, string>();
  for (const seen of trace) {
    if (seen.kind === 'command') names.set(JSON.stringify(seen.id), seen.name);
    if (seen.kind === 'reply') {
      const name = names.get(JSON.stringify(seen.id));
      if (name === undefined) continue;
      commands[name] ??= { ok: 0, error: 0 };
      commands[name][seen.error ? 'error' : 'ok']++;
    }
    if (seen.kind === 'event') events[seen.name] = (events[seen.name] ?? 0) + 1;
    const change = statusChange(seen);
    if (change) statuses[change.status] = (statuses[change.status] ?? 0) + 1;
  }
}
