import { printable } from '../../printable.ts';
import type { Doing } from './doing.ts';
import type { Effect } from './effect.ts';
import { minor } from './minor.ts';

/** Cause and effect in so many characters: what matters most is taken first, and of the rest whatever still fits. */
export function fitted(done: readonly Doing[], effect: Effect, charsMax: number): string {
  const parts = [
    ...done.flatMap(({ minor: least, options }, doing) => [
      { doing, option: -1, minor: least },
      ...options.map(({ minor: own }, option) => ({ doing, option, minor: Math.max(own, least) })),
    ]),
    { doing: -1, option: -1, minor: minor.claim },
  ].sort((a, b) => a.minor - b.minor);
  const taken = new Set<string>();
  const has = (doing: number, option = -1): boolean => taken.has(`${doing} ${option}`);
  const shortened = new Set<number>();
  const text = (): string => {
    const cause = done.flatMap(({ what: long, short = long, options }, i) => {
      const what = shortened.has(i) ? short : long;
      const chosen = options.filter((_, option) => has(i, option)).map((option) => option.text);
      return has(i) ? [chosen.length === 0 ? what : `${what} with ${chosen.join(' ')}`] : [];
    });
    const effectText = has(-1) ? effect.long : effect.short;
    return printable(`${cause.length === 0 ? 'QEMU' : cause.join(', ')}: ${effectText}`);
  };
  const isTooLong = (): boolean => [...text()].length > charsMax;
  for (const { doing, option } of parts) {
    if (option !== -1 && !has(doing)) continue;
    taken.add(`${doing} ${option}`);
    if (isTooLong() && option === -1) shortened.add(doing);
    if (isTooLong()) taken.delete(`${doing} ${option}`);
  }
  const all = [...text()];
  return all.length <= charsMax ? all.join('') : `${all.slice(0, charsMax - 1).join('')}…`;
}
