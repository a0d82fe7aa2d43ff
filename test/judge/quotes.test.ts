import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { passagesOf } from '../../scripts/passages.ts';
import { rules } from '../../src/judge/judge.ts';
import { isExpectation, quoteOf } from '../../src/judge/quote.ts';

type Kept = { qemu: string; passages: { file: string; section: string; text: string }[] };
const kept: Kept = JSON.parse(readFileSync(join(import.meta.dirname, 'quoted-sentences.json'), 'utf8'));

/** Whether a text stands there as whole sentences, or whole parts of one: not cut out of the middle. */
function isWhole(text: string, sentence: string): boolean {
  const at = text.indexOf(sentence);
  if (at === -1) return false;
  const before = text.slice(0, at).trimEnd();
  const after = text.slice(at + sentence.length);
  return (
    (before === '' || /[.:]$/.test(before)) &&
    (after === '' || (/[.:)]$/.test(sentence) && /^\s/.test(after)))
  );
}

test.each(rules.map(({ name, source }) => [name, source] as const))(
  '%s rests on a literal sentence of QEMU, or says that we expect it',
  (_name, source) => {
    const quote = quoteOf(source);
    if (!quote) {
      expect(isExpectation(source)).toBe(true);
      return;
    }
    expect(kept.qemu.startsWith(`${quote.version}.`)).toBe(true);
    const passages = kept.passages.filter(
      ({ file, section }) => file === quote.file && section.startsWith(quote.about),
    );
    expect(passages.some(({ text }) => isWhole(text, quote.sentence))).toBe(true);
  },
);

test('what nobody quotes is not kept', () => {
  const sentences = rules.flatMap(({ source }) => quoteOf(source)?.sentence ?? []);
  const idle = kept.passages.filter(({ text }) => !sentences.some((sentence) => text.includes(sentence)));
  expect(idle).toEqual([]);
});

test.each([
  ['a sentence', 'Resume a paused job.', true],
  ['one in other words', 'This command resumes a paused job.', false],
  ['the middle of one', 'a paused job', false],
  ['two that do not stand together', 'Resume a paused job. Resuming a running job is an error.', false],
])('%s: quoted %j is %s', (_what, sentence, isQuote) => {
  const schema =
    '##\n# @job-resume:\n#\n# Resume a paused job.\n#\n# This command returns\n# at once.  Resuming a running job is an error.\n#\n# @id: The job identifier.\n##\n';
  const passages = passagesOf('qapi/job.json', schema);
  expect(passages.map(({ text }) => text)).toEqual([
    'Resume a paused job.',
    'This command returns at once. Resuming a running job is an error.',
    'The job identifier.',
  ]);
  expect(passages.some(({ text }) => isWhole(text, sentence))).toBe(isQuote);
});
