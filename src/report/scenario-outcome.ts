import type { RunItem } from '../campaign/run-all.ts';
import type { ScenarioItem } from '../campaign/run-scenarios.ts';
import { allowsPass, countDecided } from './decided.ts';
import { openTally } from './outcome.ts';

export type ScenarioOutcome = ReturnType<ReturnType<typeof openScenarioTally>['outcome']>;

/** Scenarios in the contract's JSON form: figures and findings as of any run, an item for each verdict. */
export function openScenarioTally(
  about: Parameters<typeof openTally>[0],
  isKnownSignature: (signature: string) => boolean,
) {
  const runs = openTally(about);
  const items: ReturnType<typeof itemLine>[] = [];
  const decided = countDecided();
  return {
    ran: (run: RunItem): void => runs.add(run),
    ruled(item: ScenarioItem): void {
      items.push(itemLine(item));
      if (item.verdict === 'unknown') decided.undecided(item.reason);
      else if (item.verdict !== 'skipped') decided.decided();
    },
    outcome(ending: Parameters<typeof runs.outcome>[0]) {
      const outcome = runs.outcome(ending);
      const has = (...verdicts: ScenarioItem['verdict'][]): boolean =>
        items.some(({ verdict }) => verdicts.includes(verdict));
      const judged = decided.result();
      // Where all were skipped nothing has passed.
      const isUnknown = ending.interrupted || !allowsPass(judged);
      const verdict = has('fail', 'flaky') ? 'fail' : isUnknown ? 'unknown' : 'pass';
      const findings = outcome.findings.map((finding) => ({
        ...finding,
        known: isKnownSignature(finding.signature),
      }));
      return { ...outcome, findings, verdict, decided: judged, items };
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
