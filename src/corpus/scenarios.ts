import { existsSync } from 'node:fs';
import { basename, dirname, join, matchesGlob } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { varyingDisks } from '../sequence/storage-variants.ts';
import { readSequences } from './read.ts';

/** `path` is that within the corpus, without `.json`; `name` its last part, or as much of it as sets it apart from others. */
export type Scenario = { name: string; path: string; file: string; sequence: Sequence };

/** The scenarios of a corpus, in the order of their paths. UsageError: a file is none, or names a disk it has not. */
export function readScenarios(corpusDir: string): Scenario[] {
  const here = folders.filter((folder) => existsSync(join(corpusDir, folder)));
  if (here.length === 0)
    throw new UsageError(
      `--corpus ${corpusDir}: it holds none of ${folders.map((each) => `${each}/`).join(', ')}`,
    );
  const read = here.flatMap((folder) =>
    readSequences([join(corpusDir, folder)]).map(({ name, ...rest }) => ({
      ...rest,
      path: `${folder}/${name}`,
    })),
  );
  for (const { file, sequence } of read) mustHaveVaryingDisks(file, sequence);
  return read.map((each) => ({ ...each, name: shortName(each.path, read) }));
}

/**
 * Those that a word names: by name, by path, by the folder it is in, by a tag, or by a glob of names or paths; all where
 * no word is given. UsageError: a word names none.
 */
export function chosenScenarios(scenarios: readonly Scenario[], words: readonly string[]): Scenario[] {
  for (const word of words)
    if (!scenarios.some((scenario) => isNamed(scenario, word)))
      throw new UsageError(`there is no scenario, tag or pattern "${word}"`, 'mirrorfuzz scenario list');
  return scenarios.filter((scenario) => words.length === 0 || words.some((word) => isNamed(scenario, word)));
}

const folders = ['test-plan', 'test-plan-rhel6', 'scenarios'] as const;

function isNamed({ name, path, sequence }: Scenario, word: string): boolean {
  if (word === name || word === path || sequence.tags?.includes(word)) return true;
  if (dirname(path).split('/').includes(word)) return true;
  return matchesGlob(name, word) || matchesGlob(path, word);
}

function shortName(path: string, all: readonly { path: string }[]): string {
  const isAlone = all.filter((other) => basename(other.path) === basename(path)).length === 1;
  return isAlone ? basename(path) : path;
}

function mustHaveVaryingDisks(file: string, sequence: Sequence): void {
  const names = sequence.arena.disks.map(({ name }) => name);
  const unknown = varyingDisks(sequence).find((disk) => !names.includes(disk));
  if (unknown !== undefined)
    throw new UsageError(`${file}: tags: storage:${unknown}: the arena has no disk "${unknown}"`);
}
