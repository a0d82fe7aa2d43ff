import { z } from 'zod';
import { reproducedSchema } from './affected.ts';

const row = z.object({
  /** What was left out, or made ordinary. */
  what: z.string(),
  ...reproducedSchema.shape,
  /** Where it did not show: what broke or was refused instead. */
  how: z.string().optional(),
});
/** A finding's sequence with one thing left out: it showed in `ok` of `of` runs. */
export type AblatedRow = z.infer<typeof row>;

/** What of a finding's sequence is decisive, tried on one QEMU. */
export const ablationSchema = z.object({
  label: z.string(),
  version: z.string(),
  flavour: z.enum(['system', 'daemon']),
  /** Of the sequence as it is. */
  whole: reproducedSchema,
  rows: z.array(row),
  /** Variants that the time was too short for. */
  untried: z.int().min(0).optional(),
});
export type AblationTable = z.infer<typeof ablationSchema>;

/** Without it the defect does not show, and it would have in so many runs: in 19 of 20 cases at least. */
export const isDecisive = (row: AblatedRow, { whole }: Pick<AblationTable, 'whole'>): boolean =>
  row.of > 0 && row.ok === 0 && (1 - whole.ok / whole.of) ** row.of <= missChanceMax;

/** A defect as frequent as `whole` is missed by so many runs once in twenty times. */
export const runsToTell = (whole: AblationTable['whole']): number =>
  whole.ok === whole.of
    ? runsOfCertain
    : Math.ceil(Math.log(missChanceMax) / Math.log(1 - whole.ok / whole.of));

const missChanceMax = 0.05;
/** What always shows is looked at a few times all the same: leaving something out may make it rare. */
const runsOfCertain = 5;

export function decisiveWords(table: AblationTable): string {
  const decisive = table.rows.filter((each) => isDecisive(each, table)).map(({ what }) => what);
  const isTooFew = table.rows.some((each) => each.of > 0 && each.ok === 0);
  if (decisive.length === 0)
    return isTooFew ? 'too few runs to say what is decisive' : 'nothing alone is decisive';
  return `it does not show with any of these: ${decisive.join('; ')}`;
}
