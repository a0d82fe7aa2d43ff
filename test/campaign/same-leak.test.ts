import { expect, test } from 'vitest';
import { ofSameLeak } from '../../src/campaign/same-leak.ts';
import type { Tried } from '../../src/campaign/try-out.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';

const signature = 'leak/leftover: node left behind by mirror that was refused';

/** Looks that leave these nodes behind, one look after the other. */
async function kept(...looks: string[][]): Promise<boolean[]> {
  const left = looks.values();
  const tryOut = ofSameLeak(signature, async () => {
    const names = left.next().value ?? [];
    const violation = { facts: { shape: 'left', what: 'node', names } };
    return (names.length === 0
      ? { signatures: [], violations: [] }
      : { signatures: ['other', signature], violations: [{ facts: {} }, violation] }) as unknown as Tried;
  });
  const seen: boolean[] = [];
  for (const _ of looks) seen.push((await tryOut({} as Sequence)).signatures.includes(signature));
  return seen;
}

test('a leak of another node is another leak, though its signature is the same', async () => {
  expect(await kept(['src'], ['dst'], ['src', 'dst'], ['src'])).toEqual([true, false, false, true]);
});

test('less of it is still the same, and so is a node that QEMU numbered otherwise', async () => {
  expect(await kept(['src', '#block123'], [], ['src'], ['#block7'])).toEqual([true, false, true, true]);
});
