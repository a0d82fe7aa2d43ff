import type { RunItem } from '../campaign/run-all.ts';
import type { ScenarioItem } from '../campaign/run-scenarios.ts';
import { openTally } from './outcome.ts';

export type ScenarioOutcome = ReturnType<ReturnType<typeof openScenarioTally>['outcome']>;

/** Scenarios in the contract's JSON form: figures and findings as of any run, an item for each verdict. */
export function openScenarioTally(
  about: Parameters<typeof openTally>[0],
  isKnownSignature: (signature: string) => boolean,
) {
  const runs = openTally(about);
  const items: ReturnType<typeof itemLine>[] = [];
  return {
    ran: (run: RunItem): void => runs.add(run),
    ruled: (item: ScenarioItem): void => void items.push(itemLine(item)),
    outcome(ending: Parameters<typeof runs.outcome>[0]) {
      const outcome = runs.outcome(ending);
      const has = (...verdicts: ScenarioItem['verdict'][]): boolean =>
        items.some(({ verdict }) => verdicts.includes(verdict));
      const verdict = has('fail', 'flaky')
        ? 'fail'
        : ending.interrupted || has('unknown')
          ? 'unknown'
          : 'pass';
      const findings = outcome.findings.map((finding) => ({
        ...finding,
        known: isKnownSignature(finding.signature),
      }));
      return { ...outcome, findings, verdict, items };
    },
  };
}

function itemLine({ scenario, target, flavour, storage, verdict, ok, of, reason }: ScenarioItem) {
  const { name, file, sequence } = scenario;
  return {
    name,
    verdict,
    ok,
    of,
    reason,
    qemu: target.label,
    flavour,
    storage: storage ?? null,
    title: sequence.title,
    path: file,
  };
}
