import { sectorBytes } from '../../trace/content-bytes.ts';
import { driveOf } from './booted-guest.ts';
import { quote } from './shell.ts';
import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';
import { readBack, type WrongBytes, wantedRanges } from './verdict-content.ts';

/** A guest read that found what its disk does not hold: right after it, another client of the export looks again. */
export function readVerdict(shown: Case): ScriptVerdict | undefined {
  const looks = ordered(shown) ?? wrongReads(shown).flatMap(readBack);
  if (looks.length === 0) return undefined;
  return {
    ends: 'steps',
    after: ({ index }) => (index === shown.finding.violation.step ? looks : []),
    ending: [mustLive, 'absent'],
  };
}

/** What a guest that has booted found by itself; undefined where it is another kind of guest. */
function ordered({ finding, facts, plan, trace, at }: Case): string[] | undefined {
  const seen = trace[at];
  if (seen?.kind !== 'guest-end' || finding.violation.step === undefined) return undefined;
  if (facts?.shape !== 'content' || !('disk' in facts.of)) return undefined;
  const { disk } = facts.of;
  const begun = trace.find((each) => each.kind === 'guest-begin' && each.request === seen.request);
  if (driveOf(plan, disk) === undefined || begun?.kind !== 'guest-begin' || begun.op.op !== 'read')
    return undefined;
  const { offsetBytes: begin } = begun.op;
  const looks = wantedRanges(facts, plan.sequence).flatMap(({ offset, length, wanted, byte }) => {
    const first = (Number(offset) - begin) / sectorBytes;
    const sectors = Number(length) / sectorBytes;
    if (!Number.isInteger(first) || !Number.isInteger(sectors)) return [];
    const words = `the guest reads from ${disk}: ${offset}+${length} does not hold ${wanted}`;
    return [`read_found ${first} ${sectors} ${byte} || shows ${quote(words)}`];
  });
  return looks.length === 0 ? [] : ['done_all', mustLive, ...looks];
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
