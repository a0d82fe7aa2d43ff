import { z } from 'zod';

/** How often a sequence showed the defect: `ok` of `of` runs. */
export const reproducedSchema = z.object({ ok: z.int().min(0), of: z.int().min(0) });

/**
 * What a QEMU makes of a finding's sequence. `fails-otherwise`: the finding does not show, and something else breaks in
 * at least one run. `lacks`: a command, an option, a driver or a whole program of it is not there, so that nothing can be
 * said.
 */
export const outcomes = ['shows', 'does-not-show', 'fails-otherwise', 'lacks'] as const;
export type Outcome = (typeof outcomes)[number];

/** A program of a QEMU, as tables name it. */
export type ProgramName = Pick<Affected, 'label' | 'version' | 'flavour'>;

export const affectedSchema = z.object({
  label: z.string(),
  version: z.string(),
  flavour: z.enum(['system', 'daemon']),
  ...reproducedSchema.shape,
  /** Absent in what older versions of mirrorfuzz wrote: then `ok` is all that is known. */
  outcome: z.enum(outcomes).optional(),
  /** Of `fails-otherwise`: what breaks instead, by signature. Of `lacks`: what is not there. */
  how: z.string().optional(),
});
/** One program of a QEMU that the finding was tried on. */
export type Affected = z.infer<typeof affectedSchema>;

export const outcomeOf = ({ outcome, ok }: Affected): Outcome =>
  outcome ?? (ok > 0 ? 'shows' : 'does-not-show');

export const isSameProgram = (a: ProgramName, b: ProgramName): boolean =>
  a.label === b.label && a.version === b.version && a.flavour === b.flavour;

/** "10/10", "no, 0/20", "fails otherwise, SIGSEGV in transaction", "no blockdev-reopen". */
export function outcomeWords(row: Affected): string {
  const { ok, of, how } = row;
  switch (outcomeOf(row)) {
    case 'shows':
      return `${ok}/${of}`;
    case 'does-not-show':
      return `no, 0/${of}`;
    case 'fails-otherwise':
      return `fails otherwise: ${how ?? 'another rule is broken'}`;
    case 'lacks':
      return `can not tell: ${how ?? 'something is missing'}`;
  }
}

/** "5.2.0 no, 0/20; 7.2.22 10/10." Programs of one version that do the same stand once, others by their names. */
export function inShort(affected: readonly Affected[]): string {
  if (affected.length === 0) return 'not tried.';
  const versions = [...new Set(affected.map(({ version }) => version))];
  return `${versions.map((version) => versionWords(affected.filter((row) => row.version === version))).join('; ')}.`;
}

/** A program that can't run it is left out where another one of that version says more: the table has both. */
function versionWords(all: readonly Affected[]): string {
  const telling = all.filter((row) => outcomeOf(row) !== 'lacks');
  const rows = telling.length > 0 ? telling : all;
  const words = [...new Set(rows.map(outcomeWords))];
  const [{ version } = { version: '' }] = rows;
  if (words.length === 1 && rows.length === all.length) return `${version} ${words[0]}`;
  const programs = rows.map((row) => `${row.flavour} ${outcomeWords(row)}`);
  return `${version} ${[...new Set(programs)].join(', ')}`;
}

/** Oldest first; of one version the daemon first. */
export const byVersion = (a: ProgramName, b: ProgramName): number =>
  compareVersions(a.version, b.version) || a.flavour.localeCompare(b.flavour, 'en');

const compareVersions = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/**
 * The version in which a defect is gone: the first of those tried that does not show it, where no later one does, and
 * an earlier one did. undefined where it is not gone, or was never seen to be there, or too few runs say so.
 */
export function fixedIn(affected: readonly Affected[]): string | undefined {
  const showing = affected.filter((row) => outcomeOf(row) === 'shows').sort(byVersion);
  const last = showing.at(-1);
  if (!last) return undefined;
  // A program that never showed it says nothing of it.
  const flavours = new Set(showing.map(({ flavour }) => flavour));
  const later = affected
    .filter((row) => flavours.has(row.flavour) && isLater(row.version, last.version))
    .sort(byVersion);
  // Where a later one can't tell, it may as well be there yet.
  if (later.some((row) => outcomeOf(row) !== 'does-not-show')) return undefined;
  const runs = later.reduce((sum, { of }) => sum + of, 0);
  return (1 - last.ok / last.of) ** runs < missChanceMax ? later[0]?.version : undefined;
}

/** A defect as frequent as before would be missed by so many runs less than once in a hundred times. */
const missChanceMax = 0.01;

export const isLater = (a: string, b: string): boolean => compareVersions(a, b) > 0;
