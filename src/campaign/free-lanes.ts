import pLimit from 'p-limit';

/** Does work on whichever lane is free, one piece at a time on each; what finds all taken waits, in order. */
export function freeLanes<Lane>(lanes: readonly Lane[]): <T>(work: (lane: Lane) => Promise<T>) => Promise<T> {
  const free = [...lanes];
  const limit = pLimit(free.length);
  return (work) =>
    limit(async () => {
      const lane = free.pop() as Lane;
      return await work(lane).finally(() => free.push(lane));
    });
}
