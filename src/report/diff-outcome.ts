import type { DiffResult } from '../diff/diff-versions.ts';
import { type Group, groupByCause, type Shown } from '../diff/group.ts';
import { foldedBy } from '../diff/rules.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { packTrace } from '../trace/packed.ts';

export type AboutDiff = {
  tool: { name: string; version: string };
  options: Record<string, unknown>;
  targets: readonly QemuTarget[];
  seed: string;
  startedAt: Date;
  planned: number;
};

export type Folded = { rule: string; statement: string; source: string; groups: Group[] };

export type DiffOutcome = ReturnType<typeof diffOutcome>;

/** What all sequences came to; the form of `diff --json`. */
export function diffOutcome(
  results: readonly DiffResult[],
  about: AboutDiff,
  { elapsedMs, interrupted }: { elapsedMs: number; interrupted: boolean },
) {
  const labels = labelsOf(about.targets);
  const unexplained: Shown[] = [];
  const folded = new Map<string, { rule: Omit<Folded, 'groups'>; shown: Shown[] }>();
  let unstable = 0;
  let afterwards = 0;
  for (const result of results) {
    if (result.is !== 'compared') continue;
    const { item, on, compared, traces } = result;
    unstable += compared.unstable;
    afterwards += compared.afterwards;
    for (const difference of compared.differences) {
      const shown: Shown = {
        difference,
        versions: on.map((at) => labels[at] ?? ''),
        name: item.name,
        sequence: item.sequence,
        ...(traces ? { traces } : {}),
      };
      const rules = foldedBy(
        difference,
        on.map((at) => about.targets[at]?.version ?? ''),
      );
      if (!rules) unexplained.push(shown);
      for (const { name, statement, source } of rules ?? []) {
        const entry = folded.get(name) ?? { rule: { rule: name, statement, source }, shown: [] };
        entry.shown.push(shown);
        folded.set(name, entry);
      }
    }
  }
  const count = (is: DiffResult['is']): number => results.filter((result) => result.is === is).length;
  const groups = groupByCause(unexplained);
  const compared = count('compared');
  return {
    schema: 1 as const,
    tool: about.tool,
    options: about.options,
    startedAt: about.startedAt.toISOString(),
    elapsedMs: Math.round(elapsedMs),
    interrupted,
    qemu: about.targets.map(({ label, version, path }, at) => ({
      name: labels[at] ?? '',
      label,
      version,
      path,
    })),
    seed: about.seed,
    sequences: {
      planned: about.planned,
      compared,
      skipped: count('skipped'),
      undecided: count('undecided'),
      notReached: about.planned - results.length,
    },
    runs: results.reduce((sum, { runs }) => sum + runs, 0),
    verdict:
      groups.length > 0 ? ('different' as const) : compared > 0 ? ('alike' as const) : ('unknown' as const),
    groups: groups.map(forPeople),
    folded: [...folded.values()].map(({ rule, shown }) => ({
      ...rule,
      groups: groupByCause(shown).map(forPeople),
    })),
    /** Differences of a version from itself, and those that may follow from an earlier one. */
    left: { unstable, afterwards },
    undecided: results.flatMap((result) =>
      result.is === 'undecided' ? [{ name: result.item.name, reason: result.reason }] : [],
    ),
  };
}

/**
 * `step`: 1 for the first; null before and after all steps. `traces`: a run on each version, packed (`base64 -d | zcat`), of
 * what no rule explains.
 */
const forPeople = ({ smallest: { traces, ...smallest }, ...group }: Group) => ({
  ...group,
  smallest: {
    ...smallest,
    ...(traces ? { traces: traces.map(packTrace) } : {}),
    step: smallest.step >= 0 && Number.isFinite(smallest.step) ? smallest.step + 1 : null,
  },
});

/** Two of one version are told apart. */
function labelsOf(targets: readonly QemuTarget[]): string[] {
  return targets.map(({ version }, at) => {
    const before = targets.slice(0, at).filter((other) => other.version === version).length;
    return before === 0 ? version : `${version} (${before + 1})`;
  });
}
