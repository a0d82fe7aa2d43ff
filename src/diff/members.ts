import type { OwnNames } from '../findings/signature/names.ts';
import { plainWords } from '../findings/signature/words.ts';
import type { Json } from '../sequence/step.ts';
import { limits } from './limits.ts';

/** `path`: `[].image.filename`. `parent`: the object or list that it is in, which is a member itself. */
export type Member = { path: string; parent: string | undefined; subject: string; value: string };

/**
 * What a query returned: for each path in it the values that stand there, without figures, names and paths. How many
 * elements a list has follows from jobs and nodes, and shows elsewhere; so does how far a job is.
 */
export function membersOf(command: string, value: Json, names: OwnNames): Member[] {
  if (leftOut.has(command)) return [];
  const members = new Map<string, { parent: string | undefined; values: Set<string> }>();
  collect(value, '', undefined);
  if (members.size > limits.membersMax) return [];
  return [...members].map(([path, { parent, values }]) => ({
    path,
    parent,
    subject: `${command}: ${plainPath(path)}`,
    value: isFleeting(command, path) ? 'a value' : [...values].sort().join(' | '),
  }));

  function collect(value: Json, path: string, parent: string | undefined): void {
    const member = members.get(path) ?? { parent, values: new Set() };
    members.set(path, member);
    member.values.add(shapeOf(value, names));
    if (Array.isArray(value)) for (const each of value) collect(each, `${path}[]`, path);
    else if (value !== null && typeof value === 'object')
      for (const [name, inner] of Object.entries(value))
        collect(inner, path === '' ? name : `${path}.${name}`, path);
  }
}

/** About the binary, which no sequence changes, and about mirrorfuzz's own sockets. */
const leftOut = new Set(['query-version', 'query-commands', 'query-qmp-schema', 'query-chardev']);

function shapeOf(value: Json, names: OwnNames): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'object':
      return 'object';
    case 'number':
      return 'N';
    case 'string':
      return plainWords(value, names);
    default:
      return String(value);
  }
}

/** A layer is like the layers below it. */
const plainPath = (path: string): string =>
  path === '' ? 'itself' : path.replaceAll(/(backing-image\.)+/g, '').replaceAll(/(backing\.)+/g, '');

const isFleeting = (command: string, path: string): boolean =>
  /^query-(block-)?jobs$/.test(command) &&
  /\.(busy|status|ready|paused|io-status|actively-synced)$/.test(path);
