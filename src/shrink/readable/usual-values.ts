import type { Json, Step } from '../../sequence/step.ts';
import type { Site } from '../change.ts';
import { ordinary } from '../ordinary-values.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** Odd figures become such as people choose; of two that hang together (a buffer and its granularity) both at once. */
export const usualValues: Pass = {
  name: 'usual values',
  sites: ({ steps }) => steps.flatMap((step, i) => [...together(step, i), ...alone(step, i)]),
};

const odd = (step: Step, i: number) =>
  [...placesIn(step as Json, ['steps', i])].filter(
    ({ key, value }) => typeof value === 'number' && ordinary(key)?.includes(value) === false,
  );

const alone = (step: Step, i: number): Site[] =>
  odd(step, i).map(({ path, key }) => (ordinary(key) ?? []).map((to) => [{ path, to }]));

function together(step: Step, i: number): Site[] {
  const places = odd(step, i);
  const [first, second] = places;
  if (places.length !== 2 || !first || !second) return [];
  return [
    (ordinary(first.key) ?? []).flatMap((one) =>
      (ordinary(second.key) ?? []).map((other) => [
        { path: first.path, to: one },
        { path: second.path, to: other },
      ]),
    ),
  ];
}
