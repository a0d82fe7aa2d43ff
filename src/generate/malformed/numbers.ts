import type { Json } from '../../sequence/step.ts';

/** A number with exactly these digits: as it is where JSON's readers keep it, else as a reference. */
export function exactly(digits: string): Json {
  const number = Number(digits);
  return Number.isSafeInteger(number) && String(number) === digits ? number : { number: digits };
}
