import type { Affected } from '../findings/affected.ts';
import type { ItemResult } from './item.ts';

/** What the store is to note of findings that the candidate shows no more, by finding. */
export function fixedRows(results: readonly ItemResult[]): { id: string; rows: Affected[] }[] {
  const fixed = results.filter(({ verdict }) => verdict === 'fixed');
  const byId = Map.groupBy(fixed, ({ item }) => item.finding?.id ?? '');
  return [...byId].map(([id, those]) => ({ id, rows: those.flatMap(({ row }) => row ?? []) }));
}
