import { outcomeOf } from './affected.ts';
import type { Finding } from './finding.ts';

/**
 * How surely a finding shows: by the most runs that any QEMU which shows it was given, of those by the newest one. Where it
 * was tried no more often than when it was found, that.
 */
export function shownRate({
  affected,
  reproduced,
}: Pick<Finding, 'affected' | 'reproduced'>): Finding['reproduced'] {
  return affected
    .filter((row) => outcomeOf(row) === 'shows')
    .reduce<Finding['reproduced']>((best, row) => (row.of >= best.of ? row : best), reproduced);
}
