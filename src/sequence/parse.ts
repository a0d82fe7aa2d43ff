import { parse as parseJson } from '@humanwhocodes/momoa';
import type { z } from 'zod';
import { UsageError } from '../errors.ts';
import { asReference } from './reference.ts';
import { type Sequence, sequenceSchema } from './sequence.ts';
import { type Json, stepKind, stepSchemas } from './step.ts';

/**
 * A sequence from the text of a file. Throws UsageError naming file, line and field: the first thing wrong, since
 * later complaints are mostly its echo.
 */
export function parseSequence(text: string, file: string): Sequence {
  const ast = parseOrComplain(text, file);
  const value: unknown = toValue(ast.body);
  const complain = (path: readonly PropertyKey[], message: string): never => {
    throw new UsageError(`${file}:${lineOf(ast.body, path)}: ${fieldName(path)}: ${message}`);
  };
  if (!isObject(value)) return complain([], 'a sequence is a JSON object');
  if (value.schema !== 1) {
    return complain(
      ['schema'],
      `this version reads schema 1, the file has ${JSON.stringify(value.schema) ?? 'none'}`,
    );
  }
  repeatedMember(ast.body, [], complain);
  if (Array.isArray(value.steps))
    value.steps.forEach((step, i) => void checkStep(step, ['steps', i], complain));
  const parsed = sequenceSchema.safeParse(value);
  if (!parsed.success) {
    const issue = deepest(parsed.error.issues);
    return complain(issue.path, issue.message);
  }
  checkNames(parsed.data, complain);
  return parsed.data;
}

type Complain = (path: readonly PropertyKey[], message: string) => never;

/** A step is checked against the schema of its own kind, so that the complaint is not about the other five. */
function checkStep(step: unknown, path: (string | number)[], complain: Complain): void {
  const kind = isObject(step) ? stepKind(step) : undefined;
  if (kind === undefined)
    complain(path, `a step is an object with one of ${Object.keys(stepSchemas).join(', ')}`);
  else {
    const parsed = stepSchemas[kind].safeParse(step);
    if (parsed.success) return;
    const issue = deepest(parsed.error.issues);
    complain([...path, ...issue.path], issue.message);
  }
}

/** What the types can't say: names that must differ, names that must exist, files that must stay in the directory. */
function checkNames({ arena, steps }: Sequence, complain: Complain): void {
  const names: string[] = [];
  arena.disks.forEach((disk, i) => {
    if (names.includes(disk.name))
      complain(['arena', 'disks', i, 'name'], `there are two disks "${disk.name}"`);
    if (disk.backing !== undefined && !names.includes(disk.backing)) {
      complain(['arena', 'disks', i, 'backing'], `no disk "${disk.backing}" stands before this one`);
    }
    if (disk.iothread !== undefined && !arena.iothreads?.includes(disk.iothread)) {
      complain(['arena', 'disks', i, 'iothread'], `the arena has no iothread "${disk.iothread}"`);
    }
    if (disk.format === 'qcow2' && disk.sizeBytes % 512 !== 0) {
      complain(
        ['arena', 'disks', i, 'sizeBytes'],
        'a qcow2 image is a multiple of 512 bytes long; raw may be any size',
      );
    }
    names.push(disk.name);
  });
  const visit = (value: Json, path: (string | number)[]): void => {
    const reference = asReference(value);
    const file =
      reference?.kind === 'newFile'
        ? reference.file
        : reference?.kind === 'newDisk'
          ? reference.disk
          : undefined;
    if (file !== undefined && !plainFileName.test(file)) complain(path, `"${file}" is no plain file name`);
    if (reference || value === null || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value))
      visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  steps.forEach((step, i) => {
    if ('qmp' in step && step.args) visit(step.args, ['steps', i, 'args']);
  });
}

const plainFileName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Of zod's issues, the one that lies deepest: a union complains at its top and again at the cause. */
function deepest(issues: readonly z.core.$ZodIssue[]): { path: PropertyKey[]; message: string } {
  const flat = issues.flatMap(function spread(issue): { path: PropertyKey[]; message: string }[] {
    if (issue.code !== 'invalid_union') return [{ path: issue.path, message: issue.message }];
    const inner = issue.errors.flat().flatMap(spread);
    return inner.length === 0
      ? [{ path: issue.path, message: issue.message }]
      : inner.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  });
  return flat.reduce((best, issue) => (issue.path.length > best.path.length ? issue : best));
}

type Node = ReturnType<typeof parseJson>['body'];

function parseOrComplain(text: string, file: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text, { mode: 'json' });
  } catch (error) {
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

/** JSON lets a member stand twice, and the last one wins in silence: here it is a mistake. */
function repeatedMember(node: Node, path: (string | number)[], complain: Complain): void {
  if (node.type === 'Array') {
    node.elements.forEach(({ value }, i) => void repeatedMember(value, [...path, i], complain));
    return;
  }
  if (node.type !== 'Object') return;
  const seen = new Set<string>();
  for (const { name, value } of node.members) {
    const key = nameOf(name);
    if (seen.has(key)) complain([...path, key], 'this member stands twice');
    seen.add(key);
    repeatedMember(value, [...path, key], complain);
  }
}

/** The line on which a path's value begins, or that of the nearest ancestor the file has. */
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

function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
