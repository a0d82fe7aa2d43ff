import type { Affected } from '../../findings/affected.ts';
import { openRate, type Rate } from '../../findings/rate.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import type { RunRoot } from '../../target/run-dir.ts';
import type { Flavour, Trace } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { openTryOutLanes, type TryOutLanes } from '../try-out.ts';

export type RatedProgram = { target: QemuTarget; flavour: Flavour };

/** What is run, and what it is to show. `trace` is one that shows it. */
export type RatedSequence = { sequence: Sequence; signature: string; trace: Trace; isHang: boolean };

/** `row` is undefined where nothing can be said, and `undecided` why. */
export type Rated = { row?: Affected; undecided?: string };

export type Rater = {
  /** Runs until a rate may rest on it, or `times` times; `isOver` is asked before each further run. */
  rate(
    sequence: RatedSequence,
    program: RatedProgram,
    how?: {
      times?: number;
      isOver?: () => boolean;
      /** Hears of each run. */
      seen?: (trace: Trace) => void;
    },
  ): Promise<Rated>;
  close(): Promise<void>;
  /** At once; what is being run ends as it may, or throws. */
  kill(): Promise<void>;
};

/** Finds out how often sequences show a defect, one program after the other, on `workers` sessions side by side. */
export function openRater(plan: {
  workers: number;
  root: RunRoot;
  tool: { name: string; version: string };
  /** The share of their deadlines that answers get; less than 1 for a quick look at what hangs. */
  deadlineScale?: number;
}): Rater {
  let open: { key: string; lanes: TryOutLanes } | undefined;

  return {
    async rate(rated, program, { times, isOver = () => false, seen } = {}) {
      const { target, flavour } = program;
      const rate = openRate(rated, { label: target.label, version: target.version, flavour });
      // Hangs wait more than they work.
      const count = rated.isHang ? Math.max(plan.workers, limits.hangLanes) : plan.workers;
      const lanes = await lanesOn(program, count);
      let [begun, out] = [0, 0];
      const isEnough = (): boolean =>
        times === undefined ? out >= rate.missing() : begun >= times || rate.isHopeless();
      const lane = async (): Promise<void> => {
        while (!isEnough() && !isOver()) {
          begun++;
          out++;
          const tried = await lanes.tryOut(rated.sequence);
          seen?.(tried.trace);
          rate.add(tried);
          out--;
        }
      };
      await Promise.all(Array.from({ length: count }, lane));
      return ratedBy(rate);
    },
    async close() {
      await open?.lanes.close();
      open = undefined;
    },
    kill: async () => open?.lanes.kill(),
  };

  async function lanesOn({ target, flavour }: RatedProgram, count: number): Promise<TryOutLanes> {
    const key = `${target.path} ${flavour} ${count}`;
    if (open?.key === key) return open.lanes;
    await open?.lanes.close();
    const { root, tool, deadlineScale = 1 } = plan;
    open = { key, lanes: openTryOutLanes({ target, flavour, lanes: count, root, tool, deadlineScale }) };
    return open.lanes;
  }
}

function ratedBy(rate: Rate): Rated {
  const [row, undecided] = [rate.row(), rate.undecided()];
  return {
    ...(row === undefined ? {} : { row }),
    ...(row !== undefined || undecided === undefined ? {} : { undecided }),
  };
}
