/** The numbers that an argument takes. */
export type NumberRange = {
  least: number;
  most?: number;
  powerOfTwo?: true;
  /** What it takes besides. */
  or?: readonly number[];
};

export function isInRange(
  value: number,
  { least, most = Infinity, powerOfTwo, or = [] }: NumberRange,
): boolean {
  if (or.includes(value)) return true;
  return value >= least && value <= most && (!powerOfTwo || Number.isInteger(Math.log2(value)));
}
