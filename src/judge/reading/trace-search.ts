/**
 * Index of the last element that lies before a place of the trace, -1 for none; the list is in order of places. Rules
 * look things up by this, since a walk from either end would make judging a long trace quadratic.
 */
export function lastBefore<T>(list: readonly T[], place: number, placeOf: (element: T) => number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placeOf(list[middle] as T) < place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
