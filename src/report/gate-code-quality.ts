import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { FindingKind } from '../judge/rule.ts';
import { printableJson } from '../printable.ts';
import type { GateItem, GateOutcome } from './gate-outcome.ts';

/** GitLab's code-quality report: one entry a cause that fails or is flaky, at the sequence that shows it. */
export function codeQualityText(outcome: GateOutcome): string {
  const kinds = new Map(outcome.findings.map(({ id, kind }) => [id, kind]));
  const wrong = outcome.items.filter(({ verdict }) => verdict === 'fail' || verdict === 'flaky');
  const byCause = Map.groupBy(wrong, ({ finding, flavour, name }) => `${finding ?? name} ${flavour}`);
  const entries = [...byCause].map(([cause, [first]]) => entry(cause, first as GateItem, kinds));
  return printableJson(`${JSON.stringify(entries, null, 2)}\n`);
}

function entry(cause: string, item: GateItem, kinds: ReadonlyMap<string, FindingKind>) {
  const kind = kinds.get(item.finding ?? '') ?? 'state';
  return {
    description: `${item.title}: ${item.reason} (${item.name}, ${item.flavour})`,
    check_name: item.rule ?? item.phase,
    // The same cause keeps it from one pipeline to the next.
    fingerprint: createHash('sha256').update(cause).digest('hex'),
    severity: item.verdict === 'flaky' ? 'minor' : severities[kind],
    // GitLab wants a path from the repository's root.
    location: { path: relative(process.cwd(), item.path) || item.path, lines: { begin: 1 } },
  };
}

const severities: Record<FindingKind, 'blocker' | 'critical' | 'major' | 'minor'> = {
  integrity: 'blocker',
  crash: 'blocker',
  hang: 'critical',
  state: 'major',
  leak: 'major',
  validation: 'major',
  protocol: 'major',
};
