import { isExpectation, quoteOf } from '../../judge/quote.ts';
import { alsoBreaksWords } from '../also-breaks.ts';
import { contentSentences } from './contents.ts';
import { code, words } from './markdown.ts';
import type { Section } from './section.ts';

/** What was due, by which claim, and what came instead. */
export const expected: Section = ({ finding }) => {
  const { statement, source, rule, violation, alsoBreaks = [] } = finding;
  const { facts } = violation;
  const others = alsoBreaks.map((each) => `${alsoBreaksWords(each)} ${code(each.rule)}: ${words(each.text)}`);
  return [
    `## Expected\n\n${words(statement)}`,
    sourceText(source),
    `This is the rule ${code(rule)}.`,
    `## Seen\n\n${words(facts?.shape === 'content' ? contentSentences(facts) : violation.text)}`,
    ...others,
  ].join('\n\n');
};

/** A sentence of QEMU's stands as a quotation. */
function sourceText(source: string): string {
  const quote = quoteOf(source);
  if (!quote) return isExpectation(source) ? `${words(`W${source.slice(1)}`)}.` : `Source: ${words(source)}.`;
  const { file, version, about, sentence } = quote;
  return `> ${words(sentence)}\n\n${words(`${file}, ${about}, QEMU ${version}`)}.`;
}
