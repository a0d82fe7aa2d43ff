/** The numbers that an argument takes. */
export type NumberRange = {
  least: number;
  most?: number;
  powerOfTwo?: true;
  /** What it takes besides. */
  or?: readonly number[];
};

/** The numbers at its edges, the nearest on both sides of them, and half and twice as much. */
export function edgesOf(range: NumberRange): { inside: number[]; outside: number[] } {
  const { least, most, or = [] } = range;
  const near = (edge: number): number[] => [edge - 1, edge, edge + 1, Math.floor(edge / 2), edge * 2];
  const upper = most === undefined ? widths : near(most);
  const all = [...new Set([...near(least), ...upper, ...or, ...or.map((each) => each - 1)])];
  return {
    inside: all.filter((value) => isInRange(value, range)),
    outside: all.filter((value) => !isInRange(value, range)),
  };
}

/** Where an argument has no limit of its own, those of the numbers that it may be kept in. */
const widths = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];

export function isInRange(
  value: number,
  { least, most = Infinity, powerOfTwo, or = [] }: NumberRange,
): boolean {
  if (or.includes(value)) return true;
  return value >= least && value <= most && (!powerOfTwo || Number.isInteger(Math.log2(value)));
}
