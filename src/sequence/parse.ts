import type { z } from 'zod';
import { UsageError } from '../errors.ts';
import { type Complain, mustBeCoherent } from './coherent.ts';
import { readJson } from './json-source.ts';
import { type Sequence, sequenceSchema } from './sequence.ts';
import { stepKind, stepSchemas } from './step.ts';

/**
 * A sequence from the text of a file. Throws UsageError naming file, line and field: the first thing wrong, since
 * later complaints are mostly its echo.
 */
export function parseSequence(text: string, file: string): Sequence {
  try {
    return parse(text, file);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${file}: nested too deeply`);
    throw error;
  }
}

function parse(text: string, file: string): Sequence {
  const { value, lineOf, trap } = readJson(text.replace(/^\uFEFF/, ''), file);
  const complain: Complain = (path, message) => {
    throw new UsageError(`${file}:${lineOf(path)}: ${fieldName(path)}: ${message}`);
  };
  if (!isObject(value)) return complain([], 'a sequence is a JSON object');
  if (value.schema !== 1) {
    return complain(
      ['schema'],
      `this version reads schema 1, the file has ${JSON.stringify(value.schema) ?? 'none'}`,
    );
  }
  if (trap) complain(trap.path, trap.message);
  if (Array.isArray(value.steps))
    value.steps.forEach((step, i) => void checkStep(step, ['steps', i], complain));
  const parsed = sequenceSchema.safeParse(value);
  if (!parsed.success) {
    const issue = deepest(parsed.error.issues);
    return complain(issue.path, issue.message);
  }
  mustBeCoherent(parsed.data, complain);
  return parsed.data;
}

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

/**
 * Of zod's issues, the one that lies deepest: a union complains at its top and again at the cause. Where several
 * members of a union wanted something else of the same field, all that they wanted is named.
 */
function deepest(issues: readonly z.core.$ZodIssue[]): { path: PropertyKey[]; message: string } {
  const flat = issues.flatMap(function spread(issue): { path: PropertyKey[]; message: string }[] {
    if (issue.code !== 'invalid_union') return [{ path: issue.path, message: issue.message }];
    const inner = issue.errors.flat().flatMap(spread);
    return inner.length === 0
      ? [{ path: issue.path, message: issue.message }]
      : inner.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  });
  const best = flat.reduce((found, issue) => (issue.path.length > found.path.length ? issue : found));
  const wanted = flat
    .filter(({ path, message }) => path.join() === best.path.join() && expectation.test(message))
    .map(({ message }) => message.replace(expectation, '').replaceAll('|', ' or '));
  if (!expectation.test(best.message)) return best;
  return { path: best.path, message: `expected ${[...new Set(wanted)].join(' or ')}` };
}

const expectation = /^Invalid (?:input|option): expected (?:one of )?/;

function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
