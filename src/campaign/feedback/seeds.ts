import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { jsonFilesBelow, readSequence } from '../../corpus/read.ts';
import { UsageError } from '../../errors.ts';
import { setAside } from '../../findings/set-aside.ts';
import type { Sequence } from '../../sequence/sequence.ts';

/**
 * The sequences that a hunt varies from the start. A file that can't be read is left out, and complained of; one that
 * a hunt kept itself, of an earlier format perhaps, is set aside, so that it is complained of once.
 */
export function readSeeds(corpusDir: string): { seeds: Sequence[]; complaints: string[] } {
  const seeds: Sequence[] = [];
  const complaints: string[] = [];
  try {
    for (const name of existsSync(corpusDir) ? jsonFilesBelow(corpusDir) : []) read(name);
  } catch (error) {
    complaints.push(`${corpusDir}: can't be read: ${(error as Error).message}`);
  }
  return { seeds, complaints };

  function read(name: string): void {
    const file = join(corpusDir, name);
    try {
      seeds.push(readSequence(file));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const aside = name.startsWith('hunt/') ? asideIfPossible(file) : undefined;
      complaints.push(`${error.message}; ${aside === undefined ? 'left out' : `set aside as ${aside}`}`);
    }
  }
}

function asideIfPossible(file: string): string | undefined {
  try {
    return setAside(file);
  } catch {
    return undefined;
  }
}
