import { words } from './markdown.ts';
import type { Section } from './section.ts';

/** What somebody has noted about the cause, and whether that is shown or guessed. */
export const cause: Section = ({ finding: { note } }) => {
  if (note === undefined) return undefined;
  const standing = note.is === 'guess' ? 'guess' : `verified: ${words(note.by.join('; '))}`;
  return `## Cause (${standing})\n\n${words(note.text)}`;
};
