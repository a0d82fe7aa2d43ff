import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import { killHunt, shortLivedPrograms, type Victim } from '../../scripts/kill-hunt.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';

const here = oneQemu();

/** The short of scripts/kill-figures.ts, which kills a hundred. */
test.runIf(here?.daemon && here.system)(
  'what is killed at any moment of a hunt leaves nothing, and what the hunt found and lost is written',
  async () => {
    const dir = temporaryDir();
    const programs = shortLivedPrograms(join(dir, 'qemu'));
    const random = seedrandom('a handful');
    const rounds: Victim[][] = [
      ['worker', 'QEMU', 'shrinking worker'],
      ['QEMU', 'campaign'],
    ];
    for (const [seed, victims] of rounds.entries()) {
      const { killed, problems } = await killHunt({ dir, seed, victims, random, programs });
      expect(problems).toEqual([]);
      expect(killed.filter(({ pid }) => pid === undefined)).toEqual([]);
    }
  },
  240_000, // on a busy machine a hunt alone starts in ten seconds
);
