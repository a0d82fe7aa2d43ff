import { code, words } from './markdown.ts';
import type { Section } from './section.ts';

/** What was due, by which claim, and what came instead. */
export const expected: Section = ({ finding }) => {
  const { statement, source, rule, violation, alsoBreaks = [] } = finding;
  const others = alsoBreaks.map(
    (each) => `The same steps also break ${code(each.rule)}: ${words(each.text)}`,
  );
  return [
    `## Expected\n\n${words(statement)}\n\nRule ${code(rule)}; source: ${words(source)}.`,
    `## Seen\n\n${words(violation.text)}`,
    ...others,
  ].join('\n\n');
};
