import { expect, test } from 'vitest';
import { freeLanes } from '../../src/campaign/free-lanes.ts';

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { promise, resolve, reject };
}
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('as much is done at once as there are lanes, each on its own; the next takes the lane that gets free', async () => {
  const onLane = freeLanes(['a', 'b']);
  const works = [held(), held(), held()];
  const taken: string[] = [];
  const ended = works.map(({ promise }) =>
    onLane((lane) => {
      taken.push(lane);
      return promise;
    }),
  );
  await turn();
  expect(taken.toSorted()).toEqual(['a', 'b']);
  works[1]?.resolve('second');
  expect(await ended[1]).toBe('second');
  await turn();
  expect(taken[2]).toBe(taken[1]);
  works[0]?.resolve('first');
  works[2]?.resolve('third');
  expect(await Promise.all(ended)).toEqual(['first', 'second', 'third']);
});

test('work that fails gives its lane back', async () => {
  const onLane = freeLanes(['a']);
  await expect(onLane(() => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  expect(await onLane((lane) => Promise.resolve(lane))).toBe('a');
});
