import { sectorBytes } from '../../trace/content-bytes.ts';

/** What our content is made of: a sector repeats a unit of 16 bytes (content.ts). */
export const unitBytes = 16;
export const unitWords = unitBytes / 4;
export const sectorWords = sectorBytes / 4;

/** Whether the sector that begins at this word repeats its first unit. Twice as fast as a native compare with itself. */
export function repeatsUnit(words: Int32Array, at: number): boolean {
  const [a, b, c, d] = [
    words[at] as number,
    words[at + 1] as number,
    words[at + 2] as number,
    words[at + 3] as number,
  ];
  let differing = 0;
  for (let i = at + unitWords; i < at + sectorWords; i += unitWords) {
    differing |=
      ((words[i] as number) ^ a) |
      ((words[i + 1] as number) ^ b) |
      ((words[i + 2] as number) ^ c) |
      ((words[i + 3] as number) ^ d);
  }
  return differing === 0;
}
