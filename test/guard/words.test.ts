import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { brokenIn, taleGroups } from './tales.ts';
import { told } from './told.ts';

/** Every sentence is another one while this is set. */
const otherwise = vi.hoisted(() => ({ on: false }));

vi.mock('../../src/judge/facts/words.ts', async (original) => {
  const real = await original<typeof import('../../src/judge/facts/words.ts')>();
  const wordsOf: typeof real.wordsOf = (violation) =>
    otherwise.on ? `Es war einmal 7+7, not zero: ${real.wordsOf(violation).length}` : real.wordsOf(violation);
  return { wordsOf };
});

describe('with every sentence about violations put otherwise, nothing else changes', () => {
  test.each(Object.keys(taleGroups))('%s', (group) => {
    for (const tale of taleGroups[group] ?? []) {
      const plain = brokenIn(group, tale).map((violation) => told(violation, tale.trace));
      otherwise.on = true;
      const other = brokenIn(group, tale).map((violation) => told(violation, tale.trace));
      otherwise.on = false;
      expect(other.map((each) => ({ ...each, text: '' }))).toEqual(
        plain.map((each) => ({ ...each, text: '' })),
      );
      expect(other.map(({ text }) => text)).not.toEqual(
        plain.length > 0 ? plain.map(({ text }) => text) : null,
      );
    }
  });
});

test('nothing in src/ but what is shown to people asks for the sentence', () => {
  const src = join(import.meta.dirname, '../../src');
  const askers = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'judge/facts/words.ts')
    .filter((file) => /facts\/words\.ts'/.test(readFileSync(join(src, file), 'utf8')))
    .sort();
  expect(askers).toEqual([
    'bench/judging.ts',
    'campaign/scenario-verdict.ts',
    'cli/judge.ts',
    'findings/new-finding.ts',
    'report/outcome.ts',
    'report/page/page.ts',
    'report/scenario-matrix.ts',
    'report/verdict-text.ts',
  ]);
});
