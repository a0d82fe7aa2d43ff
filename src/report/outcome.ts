import { createHash } from 'node:crypto';
import type { RunItem } from '../campaign/run-all.ts';
import type { Violation } from '../judge/rule.ts';
import { statusChange } from '../trace/observation.ts';

/** Everything that ran, in the contract's JSON form; `items` says more than it asks for. */
export type Outcome = ReturnType<typeof outcomeOf>;

type About = {
  tool: { name: string; version: string };
  options: Record<string, unknown>;
  startedAt: Date;
  elapsedMs: number;
  sessionsStarted: number;
  interrupted: boolean;
};

export function outcomeOf(items: readonly RunItem[], about: About) {
  const programs = new Map(
    items.map(({ target, flavour }) => [`${target.path} ${flavour}`, { target, flavour }]),
  );
  const findings = findingsOf(items, about.startedAt);
  const ran = items.filter(({ verdict }) => verdict !== 'skipped');
  const undecided = about.interrupted || items.some(({ verdict }) => verdict === 'unknown');
  return {
    schema: 1,
    tool: about.tool,
    qemu: [...programs.values()].map(({ target, flavour }) => ({
      label: target.label,
      version: target.version,
      path: target.path,
      flavour,
    })),
    seed: null,
    options: about.options,
    startedAt: about.startedAt.toISOString(),
    elapsedMs: Math.round(about.elapsedMs),
    sequences: ran.length,
    commands: count(ran, 'command'),
    guestWrites: ran.reduce((sum, { trace }) => sum + trace.filter(isGuestWrite).length, 0),
    faultsInjected: ran.reduce((sum, { trace }) => sum + trace.filter(isArmedFault).length, 0),
    restarts: Math.max(0, about.sessionsStarted - programs.size),
    coverage: coverageOf(ran),
    findings,
    verdict: findings.length > 0 ? 'fail' : undecided ? 'unknown' : 'pass',
    interrupted: about.interrupted,
    items: items.map(({ named, target, flavour, verdict, reason, violations }) => ({
      name: named.name,
      verdict,
      ok: verdict === 'pass' ? 1 : 0,
      of: verdict === 'skipped' ? 0 : 1,
      reason: reason ?? violations.map(({ rule, text }) => `${rule.name}: ${text}`).join('; '),
      qemu: target.label,
      flavour,
    })),
  };
}

/** The same rule broken in the same words is the same finding, on however many QEMUs. */
function findingsOf(items: readonly RunItem[], startedAt: Date) {
  const bySignature = new Map<string, { violation: Violation; seenOn: RunItem[] }>();
  for (const item of items) {
    for (const violation of item.violations) {
      const signature = signatureOf(violation);
      const known = bySignature.get(signature) ?? { violation, seenOn: [] };
      known.seenOn.push(item);
      bySignature.set(signature, known);
    }
  }
  return [...bySignature].map(([signature, { violation, seenOn }]) => {
    const { named, trace } = seenOn[0] as RunItem;
    const opened = trace[0];
    const began = opened?.kind === 'opened' ? Date.parse(opened.startedAt) - startedAt.getTime() : 0;
    return {
      id: createHash('sha256').update(signature).digest('hex').slice(0, 12),
      kind: violation.rule.kind,
      rule: violation.rule.name,
      signature,
      title: violation.text,
      firstSeenMs: Math.max(0, Math.round(began + (trace[violation.at]?.us ?? 0) / 1000)),
      steps: named.sequence.steps.length,
      reproduced: { ok: 1, of: 1 },
      qemu: [...new Set(seenOn.map(({ target }) => target.label))],
      path: named.file,
      known: false,
    };
  });
}

/** A violation without what differs from run to run: numbers, addresses, paths. */
export function signatureOf({ rule, text }: Violation): string {
  const stable = text
    .replaceAll(/0x[0-9a-f]+/gi, 'ADDRESS')
    .replaceAll(/\/[^\s:'"]+/g, 'PATH')
    .replaceAll(/\d+/g, 'N');
  return `${rule.kind}/${rule.name}/${stable}`;
}

function coverageOf(items: readonly RunItem[]) {
  const commands: Record<string, { ok: number; error: number }> = {};
  const events: Record<string, number> = {};
  const statuses: Record<string, number> = {};
  for (const { trace } of items) {
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
  return { commands, events, statuses };
}

type Seen = RunItem['trace'][number];

const isGuestWrite = (seen: Seen): boolean => seen.kind === 'guest-begin' && seen.op.op === 'write';
const isArmedFault = (seen: Seen): boolean => seen.kind === 'fault' && seen.outcome === 'armed';

function count(items: readonly RunItem[], kind: Seen['kind']): number {
  return items.reduce((sum, { trace }) => sum + trace.filter((seen) => seen.kind === kind).length, 0);
}
