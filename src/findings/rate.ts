import type { Trace } from '../trace/observation.ts';
import type { Affected, ProgramName } from './affected.ts';
import { isNoRun, lackingIn } from './lacking.ts';
import { limits } from './limits.ts';

/** One run of a finding's sequence on a QEMU. */
export type RatedRun = {
  /** What it broke. */
  signatures: readonly string[];
  trace: Trace;
  /** Why it came to no verdict, or was not run. */
  reason?: string;
  /** The machine failed: it says nothing of QEMU. */
  trouble?: unknown;
};

/** What runs on one program of a QEMU come to, one after the other. */
export type Rate = {
  add(run: RatedRun): void;
  /** Runs that are missing until a rate may rest on them: on 10 that all said the same, else on 20. */
  missing(): number;
  /** No number of runs will tell more: something lacks, or the machine keeps failing. */
  isHopeless(): boolean;
  /** undefined while no run was decided. */
  row(): Affected | undefined;
  /** Why the last undecided run was. */
  undecided(): string | undefined;
};

/** `trace`: of a run that showed the finding; what was not there already then is not lacking. */
export function openRate(finding: { signature: string; trace: Trace }, program: ProgramName): Rate {
  const answeredSo = new Set(lackingIn(finding.trace));
  const otherwise = new Map<string, number>();
  let [ok, of] = [0, 0];
  let lacks: string | undefined;
  let undecided: string | undefined;
  let troubled = 0;

  return {
    add({ signatures, trace, reason, trouble }) {
      if (signatures.includes(finding.signature)) {
        ok++;
        of++;
        return;
      }
      const lacking = lackingIn(trace).find((each) => !answeredSo.has(each));
      if (trouble === undefined) lacks ??= lacking ?? (isNoRun(trace) ? reason : undefined);
      if (reason !== undefined) {
        undecided = reason;
        troubled++;
        return;
      }
      of++;
      for (const signature of new Set(signatures))
        otherwise.set(signature, (otherwise.get(signature) ?? 0) + 1);
    },
    isHopeless,
    missing() {
      if (isHopeless()) return 0;
      if (of < limits.rateRunsMin) return limits.rateRunsMin - of;
      const isOneAnswer = ok === of || (ok === 0 && [...otherwise.values()].some((times) => times === of));
      return isOneAnswer ? 0 : Math.max(0, limits.rateRunsInDoubt - of);
    },
    row() {
      if (ok > 0) return { ...program, ok, of, outcome: 'shows' };
      if (lacks !== undefined) return { ...program, ok, of, outcome: 'lacks', how: lacks };
      if (of === 0) return undefined;
      const [most] = [...otherwise].sort(([, a], [, b]) => b - a);
      if (most === undefined) return { ...program, ok, of, outcome: 'does-not-show' };
      const how = `${most[0]} (${most[1]} of ${of} runs)`;
      return { ...program, ok, of, outcome: 'fails-otherwise', how };
    },
    undecided: () => undecided,
  };

  function isHopeless(): boolean {
    return troubled >= limits.undecidedMax || (lacks !== undefined && ok === 0);
  }
}
