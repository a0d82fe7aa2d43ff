import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSeeds } from '../../../src/campaign/feedback/seeds.ts';
import { printSequence } from '../../../src/sequence/print.ts';
import { mirrorStep, sequenceOf } from '../../findings/found.ts';
import { temporaryDir } from '../../target/temporary.ts';

test('a kept sequence of an earlier format is set aside and named, once; the others are read', () => {
  const corpus = corpusOf({
    'hunt/7.2/old.json': '{"schema": 0, "title": "old"}',
    'hunt/7.2/good.json': printSequence(sequenceOf(mirrorStep)),
  });
  const { seeds, complaints } = readSeeds(corpus);
  expect(seeds).toHaveLength(1);
  expect(complaints).toEqual([
    expect.stringMatching(/hunt\/7\.2\/old\.json.*set aside as old\.json\.spoilt$/),
  ]);
  expect(readdirSync(join(corpus, 'hunt/7.2')).sort()).toEqual(['good.json', 'old.json.spoilt']);
  expect(readSeeds(corpus)).toMatchObject({ seeds: [{}], complaints: [] });
});

test('what people wrote is left where it is, and complained of', () => {
  const corpus = corpusOf({ 'mine.json': '<<<<<<< ours' });
  expect(readSeeds(corpus).complaints).toEqual([expect.stringMatching(/mine\.json.*left out$/)]);
  expect(existsSync(join(corpus, 'mine.json'))).toBe(true);
});

test('where there is no corpus there are no seeds, and nothing to complain of', () => {
  expect(readSeeds(join(temporaryDir(), 'none'))).toEqual({ seeds: [], complaints: [] });
});

function corpusOf(files: Record<string, string>): string {
  const dir = temporaryDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}
