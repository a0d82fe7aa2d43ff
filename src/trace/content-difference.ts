import type { ContentRun, Origin } from './content-run.ts';

/** Where two contents differ: the stretch, and what lies there in the one and in the other; `none` behind the end. */
export type ContentDifference = {
  offsetBytes: number;
  lengthBytes: number;
  here: Origin | 'none';
  there: Origin | 'none';
};

/** Finds them in the disk's order. Two unknown stretches that begin alike count as equal: only the hash tells them apart. */
export function* contentDifferences(
  here: readonly ContentRun[],
  there: readonly ContentRun[],
): Generator<ContentDifference> {
  for (let i = 0, j = 0, at = 0; i < here.length || j < there.length; ) {
    const [a, b] = [here[i], there[j]];
    const end = Math.min(endOf(a), endOf(b));
    if (a?.[2] !== b?.[2])
      yield { offsetBytes: at, lengthBytes: end - at, here: a?.[2] ?? 'none', there: b?.[2] ?? 'none' };
    at = end;
    if (endOf(a) === end) i++;
    if (endOf(b) === end) j++;
  }
}

const endOf = (run: ContentRun | undefined): number => (run ? run[0] + run[1] : Number.POSITIVE_INFINITY);
