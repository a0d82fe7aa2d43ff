import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';
import { readBack, type WrongBytes, wantedRanges } from './verdict-content.ts';

/** A guest read that found what its disk does not hold: right after it, another client of the export looks again. */
export function readVerdict(shown: Case): ScriptVerdict | undefined {
  const wrong = wrongReads(shown);
  if (wrong.length === 0) return undefined;
  const looks = wrong.flatMap(readBack);
  return {
    ends: 'steps',
    after: ({ index }) => (index === shown.finding.violation.step ? looks : []),
    ending: [mustLive, 'absent'],
  };
}

/** What that other client reads after the step of the violation. */
export function wrongReads({ finding, facts, plan, trace, at }: Case): WrongBytes[] {
  if (trace[at]?.kind !== 'guest-end' || finding.violation.step === undefined) return [];
  if (facts?.shape !== 'content' || !('disk' in facts.of)) return [];
  const { disk } = facts.of;
  return wantedRanges(facts, plan.sequence).map(({ offset, length, wanted, byte }) => ({
    read: `qemu-io -f raw -c 'read -P ${byte} ${offset} ${length}' 'nbd+unix:///${disk}?socket=nbd.sock'`,
    lengthBytes: length,
    words: `the guest reads from ${disk}: ${offset}+${length} does not hold ${wanted}`,
  }));
}
