/**
 * All of them, so that any beginning of the list is a sample: a group after the other gives one, and each group begins with
 * what lies far apart in it, since neighbours are alike.
 */
export function sampled<T>(all: readonly T[], groupOf: (one: T) => string): T[] {
  const groups = [...Map.groupBy(all, groupOf).values()].map(spread);
  const rounds = Math.max(0, ...groups.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    groups.flatMap((group) => group.slice(round, round + 1)),
  ).flat();
}

/** First the first, then by steps of the golden ratio (Weyl's sequence), which never bunch. */
function spread<T>(group: readonly T[]): T[] {
  return group
    .map((one, i) => ({ one, place: (i * goldenRatio) % 1 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;
