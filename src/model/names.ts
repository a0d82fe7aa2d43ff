import { cardOf } from '../qemu/cards.ts';
import type { Json } from '../sequence/step.ts';
import type { Trace } from '../trace/observation.ts';

/**
 * The names that nodes and drives may have, as far as commands could have given them: more than there are, never
 * fewer, since a name that is none of these certainly means nothing. Whether the commands were accepted, and what has
 * been deleted since, is left out.
 */
export type PossibleNames = {
  /** Whether a node or drive of that name may have been there when the observation at `at` was made. */
  mayExist(name: string, at: number): boolean;
  /** From here on any name may be that of a node: raw bytes were sent. */
  unknownFrom: number;
};

/** `except`: places of commands that are not counted. */
export function possibleNames(trace: Trace, except: ReadonlySet<number> = new Set()): PossibleNames {
  const firstGiven = new Map<string, number>();
  /** Texts that hold names in a syntax of their own: HMP lines, `json:` file names, raw bytes. */
  const opaque: { text: string; at: number }[] = [];
  let unknownFrom = Number.POSITIVE_INFINITY;
  for (const [at, seen] of trace.entries()) {
    if (seen.kind === 'raw-sent') unknownFrom = Math.min(unknownFrom, at);
    if (seen.kind === 'command' && !except.has(at)) {
      for (const [key, value] of Object.entries(seen.args)) {
        if (!refersBy(seen.name, key)) collect(key, value, at);
      }
    }
  }
  return {
    unknownFrom,
    mayExist(name, at) {
      // QEMU names nodes itself, too: #block123.
      if (at > unknownFrom || name.startsWith('#')) return true;
      const given = firstGiven.get(name);
      if (given !== undefined && given < at) return true;
      return opaque.some((seen) => seen.at < at && seen.text.includes(name));
    },
  };

  function collect(key: string, value: Json, at: number): void {
    if (typeof value === 'string') {
      if (namers.has(key) && !firstGiven.has(value)) firstGiven.set(value, at);
      if ((key === 'command-line' && !/^(qemu-io|info)\b/.test(value)) || value.includes('json:'))
        opaque.push({ text: value, at });
    } else if (Array.isArray(value)) {
      for (const inner of value) collect(key, inner, at);
    } else if (value !== null && typeof value === 'object') {
      for (const [innerKey, inner] of Object.entries(value)) collect(innerKey, inner, at);
    }
  }
}

/** Members by which a command gives a node or a drive its name, at whatever depth they stand. */
const namers: ReadonlySet<string> = new Set(['node-name', 'snapshot-node-name', 'filter-node-name', 'id']);

/** Where such a member, at the top, names what must be there already, or what is no node. */
function refersBy(command: string, member: string): boolean {
  const card = cardOf(command);
  return card?.verb?.id === member || card?.nodes?.[member] !== undefined;
}
