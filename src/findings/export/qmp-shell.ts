import type { Json } from '../../sequence/step.ts';
import type { PlannedCommand } from '../repro/plan.ts';

/**
 * A command as QEMU's qmp-shell takes it: `job-cancel id=j0`, objects and lists as JSON without blanks. undefined where
 * qmp-shell would read something else: it takes a text of digits for a number, and has no text with blanks or quotes.
 */
export function shellLine({ name, args }: PlannedCommand): string | undefined {
  const words = Object.entries(args as Record<string, Json>).map(([key, value]) => {
    const text = isWord(key) ? valueText(value) : undefined;
    return text === undefined ? undefined : `${key}=${text}`;
  });
  if (!isWord(name) || words.includes(undefined)) return undefined;
  return [name, ...words].join(' ');
}

function valueText(value: Json): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return `${value}`;
    case 'number':
      return Number.isInteger(value) ? `${value}` : undefined;
    case 'string':
      return isWord(value) && !/^(?:-?\d+|true|false)$/i.test(value) ? value : undefined;
    default:
      return value === null ? undefined : compact(value);
  }
}

/** qmp-shell splits at blanks outside of quotes, and takes an apostrophe for a quote. */
function compact(value: Json): string | undefined {
  const text = JSON.stringify(value);
  return /[^ -~]|'/.test(text) ? undefined : text;
}

const isWord = (text: string): boolean => /^[\w./:@%+,-]+$/.test(text);
