import { z } from 'zod';
import { reproducedSchema } from './affected.ts';

const row = z.object({
  /** What was left out, or made ordinary. */
  what: z.string(),
  /** The step that was left out, if one was: its index. */
  without: z.int().min(0).optional(),
  ...reproducedSchema.shape,
  /** Where it did not show: what broke instead, or why no run was decided. */
  how: z.string().optional(),
  /**
   * Where it did not show: what QEMU said to a command that it takes in the whole sequence, and refused here. What came
   * of that command can't be seen then, so that the row says nothing.
   */
  refused: z.string().optional(),
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

/**
 * What a row says of what was left out. `decisive`: without it the defect does not show, and it would have in so many
 * runs in 19 of 20 cases at least. `refused`: QEMU did not take a command that way, which says nothing.
 */
export type RowVerdict = 'decisive' | 'shows' | 'refused' | 'too few runs';

export function verdictOf(row: AblatedRow, { whole }: Pick<AblationTable, 'whole'>): RowVerdict {
  if (row.ok > 0) return 'shows';
  if (row.refused !== undefined) return 'refused';
  return row.of > 0 && (1 - whole.ok / whole.of) ** row.of <= missChanceMax ? 'decisive' : 'too few runs';
}

export const verdictWords: Record<RowVerdict, string> = {
  decisive: 'decisive',
  shows: '',
  refused: 'refused: says nothing',
  'too few runs': 'too few runs to say',
};

/** What stands beside a row's figures: what it says, and what happened instead. */
export const rowWords = (row: AblatedRow, table: Pick<AblationTable, 'whole'>): string =>
  [verdictWords[verdictOf(row, table)], row.refused ?? row.how].filter(Boolean).join('; ');

/** A defect as frequent as `whole` is missed by so many runs once in twenty times. */
export const runsToTell = (whole: AblationTable['whole']): number =>
  whole.ok === whole.of
    ? runsOfCertain
    : Math.ceil(Math.log(missChanceMax) / Math.log(1 - whole.ok / whole.of));

const missChanceMax = 0.05;
/** What always shows is looked at a few times all the same: leaving something out may make it rare. */
const runsOfCertain = 5;

export const decisiveRows = (table: AblationTable): AblatedRow[] =>
  table.rows.filter((row) => verdictOf(row, table) === 'decisive');

export function decisiveWords(table: AblationTable): string {
  const decisive = decisiveRows(table).map(({ what }) => what);
  const isTooFew = table.rows.some((each) => each.of > 0 && verdictOf(each, table) === 'too few runs');
  if (decisive.length === 0)
    return isTooFew ? 'too few runs to say what is decisive' : 'nothing alone is decisive';
  return `it does not show with any of these: ${decisive.join('; ')}`;
}
