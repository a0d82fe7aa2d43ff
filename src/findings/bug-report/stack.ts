import { stderrOf } from '../stderr.ts';
import { fenced } from './markdown.ts';
import type { Section } from './section.ts';

/** What QEMU said when it ended. */
export const stack: Section = ({ trace }) => {
  const stderr = stderrOf(trace).slice(0, linesMax);
  return stderr.length === 0 ? undefined : `On stderr:\n\n${fenced(stderr)}`;
};

/** A stderr may be flooded. */
const linesMax = 40;
