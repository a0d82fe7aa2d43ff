import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';
import { readBack, wantedRanges } from './verdict-content.ts';

/** A guest read that found what its disk does not hold: right after it, another client of the export looks again. */
export function readVerdict({ finding, facts, plan, trace, at }: Case): ScriptVerdict | undefined {
  const { step } = finding.violation;
  if (trace[at]?.kind !== 'guest-end' || step === undefined) return undefined;
  if (facts?.shape !== 'content' || !('disk' in facts.of)) return undefined;
  const { disk } = facts.of;
  const ranges = wantedRanges(facts, plan.sequence);
  if (ranges.length === 0) return undefined;
  const looks = ranges.flatMap(({ offset, length, wanted, byte }) =>
    readBack({
      read: `qemu-io -f raw -c 'read -P ${byte} ${offset} ${length}' 'nbd+unix:///${disk}?socket=nbd.sock'`,
      lengthBytes: length,
      words: `the guest reads from ${disk}: ${offset}+${length} does not hold ${wanted}`,
    }),
  );
  return {
    ends: 'steps',
    after: ({ index }) => (index === step ? looks : []),
    ending: [mustLive, 'absent'],
  };
}
