import { isUrl, words } from './markdown.ts';
import type { Section } from './section.ts';

/** Where else it is spoken of, and who found it. */
export const references: Section = ({ finding: { links, tool, id } }) => {
  const listed = links.map((link) => `- ${isUrl(link) ? link : words(link)}`).join('\n');
  return [
    ...(links.length === 0 ? [] : [`## Links\n\n${listed}`]),
    `Found by ${words(`${tool.name} ${tool.version}`)}, as finding ${id}.`,
  ].join('\n\n');
};
