import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type DocumentedFile, isWanted, sentencesOf, withTable } from '../../scripts/documented.ts';
import { rules } from '../../src/judge/judge.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const documented = JSON.parse(read('documented.json')) as DocumentedFile;
const { sentences } = documented;
const names = new Set(rules.map(({ name }) => name));

describe('every sentence of the documentation of jobs, bitmaps and exports', () => {
  test('is decided by rules that there are, or has a reason why there is none', () => {
    const open = sentences.filter(({ rules: by, none }) => (by === undefined) === (none === undefined));
    const unknown = sentences.flatMap(({ rules: by = '' }) =>
      by.split(' ').filter((name) => name !== '' && !names.has(name)),
    );
    expect(open).toEqual([]);
    expect(unknown).toEqual([]);
    expect(sentences.every(({ none }) => none === undefined || none.length > 5)).toBe(true);
  });

  test('is there: none that a rule quotes is lost', () => {
    const kept = JSON.parse(read('quoted-sentences.json')) as {
      qemu: string;
      passages: { file: string; section: string; text: string }[];
    };
    const known = new Set(sentences.map(({ sentence }) => sentence));
    const quoted = kept.passages
      .filter(({ file, section }) => file.startsWith('qapi/') && isWanted(section))
      .flatMap(({ text }) => sentencesOf(text));
    expect(quoted.length).toBeGreaterThan(20);
    expect(quoted.filter((sentence) => !known.has(sentence))).toEqual([]);
    expect(documented.qemu).toBe(kept.qemu);
  });

  test('stands in docs/rules.md as in the data', () => {
    const page = read('../../docs/rules.md');
    expect(withTable(page, documented)).toBe(page);
  });
});
