import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';

/**
 * Writes a sequence into a directory under a name made of its content, whole or not at all; false where it is there
 * already. Throws EnvironmentError where it can't be written.
 */
export function keepSequence(dir: string, sequence: Sequence): { file: string; isNew: boolean } {
  const text = printSequence(sequence);
  const file = join(dir, `${contentName(sequence)}.json`);
  if (existsSync(file)) return { file, isNew: false };
  const draft = `${file}.${process.pid}.draft`;
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch (error) {
    removeDraft(draft);
    throw new EnvironmentError(
      `can't write to ${dir}: ${(error as Error).message}`,
      'free some space there, or give another directory with --corpus',
      { cause: error },
    );
  }
  return { file, isNew: true };
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {} // where nothing can be written, nothing was
}

/** Where a hunt keeps what showed something new, beside the sequences that people wrote. */
export const huntDir = (corpusDir: string, version: string): string => join(corpusDir, 'hunt', version);

/** How many sequences a directory has. */
export function keptCount(dir: string): number {
  try {
    return readdirSync(dir).filter((name) => name.endsWith('.json')).length;
  } catch {
    return 0;
  }
}

/** Titles and comments apart, the same sequence has the same name. */
function contentName({ arena, steps, after, seed }: Sequence): string {
  const text = JSON.stringify([arena, steps, after ?? null, seed ?? null]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
