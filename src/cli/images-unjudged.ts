import { printable } from '../printable.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { lackOf } from '../target/storage/usable.ts';

/** To be said before the start: where nobody can look at the images that sequences plan to have looked at. */
export async function imagesUnjudged(
  programs: readonly { target: QemuTarget }[],
  sequences: readonly { sequence: Sequence }[],
): Promise<string[]> {
  if (sequences.every(({ sequence: { after = [] } }) => after.length === 0)) return [];
  const targets = new Set(programs.map(({ target }) => target));
  const lines = [...targets].map(async (target) => {
    const lack = await lackOf(target, 'qemu-img');
    if (!lack) return [];
    const remedy = lack.remedy === undefined ? '' : ` -> ${lack.remedy}`;
    return [printable(`without qemu-img on ${target.label}: ${lack.lacks}${remedy}`)];
  });
  return (await Promise.all(lines)).flat();
}
