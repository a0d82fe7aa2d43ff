import { type Affected, isSameProgram, outcomeOf } from '../../findings/affected.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StoredFinding } from '../../findings/stored.ts';
import type { Rated, RatedProgram, Rater } from './rater.ts';

/** One finding on one program of a QEMU. */
export type Rechecked = Rated & {
  finding: Finding;
  program: RatedProgram;
  /** What the finding says of it so far. */
  before?: Affected;
  /** It does something else now. */
  isChanged: boolean;
};

/** Runs findings on QEMUs, one after the other, and stores nothing. A finding that can't be read throws UsageError. */
export async function* recheck(
  findings: readonly StoredFinding[],
  programs: readonly RatedProgram[],
  { rater, times }: { rater: Rater; times?: number },
): AsyncGenerator<Rechecked> {
  for (const stored of findings) {
    const { finding } = stored;
    const { signature, kind, affected } = finding;
    const rated = {
      sequence: stored.sequence(),
      trace: stored.trace(),
      signature,
      isHang: kind === 'hang',
    };
    for (const program of programs) {
      const result = await rater.rate(rated, program, times === undefined ? {} : { times });
      const { label, version } = program.target;
      const before = affected.find((row) => isSameProgram(row, { label, version, flavour: program.flavour }));
      const isChanged = before !== undefined && result.row !== undefined && isOther(before, result.row);
      yield { finding, program, ...result, ...(before === undefined ? {} : { before }), isChanged };
    }
  }
}

/** A row of older days that says "no" may mean any of three things. */
function isOther(before: Affected, now: Affected): boolean {
  if (before.outcome === undefined && before.ok === 0) return outcomeOf(now) === 'shows';
  return outcomeOf(before) !== outcomeOf(now);
}
