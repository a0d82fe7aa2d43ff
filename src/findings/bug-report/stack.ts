import { blame } from '../stacks/cause.ts';
import type { Stack } from '../stacks/stack.ts';
import { stackHead, stackText } from '../stacks/text.ts';
import { stderrOf } from '../stderr.ts';
import { fenced, words } from './markdown.ts';
import type { Section } from './section.ts';

/** What QEMU said when it ended, and what debuggers saw of it, where it was explained. */
export const stack: Section = ({ finding: { stacks = [] }, trace }) => {
  const stderr = stderrOf(trace).slice(0, linesMax);
  const cause = blame(stacks);
  const parts = [
    ...(stderr.length === 0 ? [] : [`On stderr:\n\n${fenced(stderr)}`]),
    ...(stacks.length === 0 ? [] : ['## Stacks']),
    ...(cause === undefined ? [] : [`${words(sentence(cause))}.`]),
    ...stacks.map(shown),
  ];
  return parts.length === 0 ? undefined : parts.join('\n\n');
};

const shown = (stack: Stack): string => `By ${words(stackHead(stack))}:\n\n${fenced(stackText(stack))}`;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A stderr may be flooded. */
const linesMax = 40;
