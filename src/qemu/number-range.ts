/** The numbers that an argument takes. */
export type NumberRange = {
  least: number;
  most?: number;
  powerOfTwo?: true;
  /** What it takes besides. */
  or?: readonly number[];
};

/** The numbers at its edges, and the nearest beyond them. */
export function edgesOf(range: NumberRange): { inside: number[]; outside: number[] } {
  const { least, most, powerOfTwo, or = [] } = range;
  const near = powerOfTwo
    ? [least / 2, least - 1, least, least + 1, ...(most === undefined ? [] : [most, most + 1, most * 2])]
    : [least - 1, least, ...(most === undefined ? [] : [most, most + 1])];
  const all = [...new Set([...near, ...or, ...or.map((each) => each - 1)])];
  return {
    inside: all.filter((value) => isInRange(value, range)),
    outside: all.filter((value) => !isInRange(value, range)),
  };
}

export function isInRange(
  value: number,
  { least, most = Infinity, powerOfTwo, or = [] }: NumberRange,
): boolean {
  if (or.includes(value)) return true;
  return value >= least && value <= most && (!powerOfTwo || Number.isInteger(Math.log2(value)));
}
