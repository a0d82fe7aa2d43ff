import { parse } from '@humanwhocodes/momoa';
import { UsageError } from '../errors.ts';
import type { Json } from './step.ts';

/** A JSON text and where in it things stand. */
export type JsonSource = {
  value: Json;
  /** The line on which a path's value begins, or that of the nearest ancestor the text has. */
  lineOf(path: readonly PropertyKey[]): number;
  /** The first thing that JSON allows and that its readers change in silence. */
  trap: { path: Path; message: string } | undefined;
};

type Path = (string | number)[];
type Node = ReturnType<typeof parse>['body'];

/** Throws UsageError naming file and line where the text is not JSON. */
export function readJson(text: string, file: string): JsonSource {
  const { body } = parseOrComplain(text, file);
  return { value: toValue(body), lineOf: (path) => lineOf(body, path), trap: findTrap(body, text, []) };
}

function parseOrComplain(text: string, file: string): ReturnType<typeof parse> {
  try {
    return parse(text, { mode: 'json' });
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const { line, column, message } = error as { line?: number; column?: number; message: string };
    throw new UsageError(
      `${file}:${line ?? 1}:${column ?? 1}: not JSON: ${message.replace(/\s*\(\d+:\d+\)$/, '')}`,
    );
  }
}

function toValue(node: Node): Json {
  switch (node.type) {
    case 'Object':
      return Object.fromEntries(node.members.map(({ name, value }) => [nameOf(name), toValue(value)]));
    case 'Array':
      return node.elements.map(({ value }) => toValue(value));
    case 'Null':
      return null;
    case 'Boolean':
    case 'Number':
    case 'String':
      return node.value;
    default:
      return null;
  }
}

const nameOf = (name: { type: 'String'; value: string } | { type: 'Identifier'; name: string }): string =>
  name.type === 'String' ? name.value : name.name;

/** A member that stands twice, of which the last would win; a number that JavaScript would round. */
function findTrap(node: Node, text: string, path: Path): JsonSource['trap'] {
  if (node.type === 'Number') {
    const digits = text.slice(node.loc.start.offset, node.loc.end.offset);
    if (isKept(digits, node.value)) return undefined;
    return { path, message: `${digits} can't be kept exactly, write {"number": "${digits}"}` };
  }
  const seen = new Set<string | number>();
  for (const [key, inner] of partsOf(node)) {
    const at = [...path, key];
    if (key === '__proto__') return { path: at, message: 'a member of this name would be lost' };
    const trap = seen.has(key)
      ? { path: at, message: 'this member stands twice' }
      : findTrap(inner, text, at);
    if (trap) return trap;
    seen.add(key);
  }
  return undefined;
}

function partsOf(node: Node): [string | number, Node][] {
  if (node.type === 'Object') return node.members.map(({ name, value }) => [nameOf(name), value]);
  if (node.type === 'Array') return node.elements.map(({ value }, i) => [i, value]);
  return [];
}

/** Whether the same number is sent that was read: only integers have digits that matter one by one. */
function isKept(digits: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  return !/^-?\d+$/.test(digits) || String(value) === digits || Number.isSafeInteger(value);
}

function lineOf(root: Node, path: readonly PropertyKey[]): number {
  let node = root;
  let line = root.loc.start.line;
  for (const key of path) {
    if (node.type === 'Object') {
      const member = node.members.findLast(({ name }) => nameOf(name) === key);
      if (!member) break;
      line = member.loc.start.line;
      node = member.value;
    } else if (node.type === 'Array') {
      const element = node.elements[Number(key)];
      if (!element) break;
      node = element.value;
      line = node.loc.start.line;
    } else break;
  }
  return line;
}
