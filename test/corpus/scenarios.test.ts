import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readScenarios } from '../../src/corpus/scenarios.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';

const root = join(import.meta.dirname, '../..');
const scenarios = readScenarios(join(root, 'corpus'));
const own = scenarios.filter(({ path }) => path.startsWith('scenarios/'));
const sheet = readFileSync(join(root, 'docs/scenarios.md'), 'utf8');

test('no two scenarios have one name', () => {
  const names = scenarios.map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
  expect(names.filter((name) => name.includes('/'))).toEqual([]);
});

test('docs/scenarios.md names every scenario, and none that is not there', () => {
  const [, ...tables] = sheet.split('\n## ');
  const named = [...tables.join().matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name as string);
  expect(new Set(named)).toEqual(new Set(scenarios.map(({ name }) => name)));
});

describe.each(own)('$path', ({ file, sequence }) => {
  test('is written as printSequence writes it', () => {
    expect(readFileSync(file, 'utf8')).toBe(printSequence(sequence));
  });

  test('has a sentence for a title, says where it comes from, and has tags', () => {
    expect(sequence.title).toMatch(/^\S.{20,140}$/);
    expect(sequence.comment).toBeDefined();
    expect(sequence.tags).not.toHaveLength(0);
  });

  test('claims something that a QEMU which merely says yes would break', () => {
    expect(telling(sequence)).not.toHaveLength(0);
  });
});

/** An error or a value that is expected, an event that must come, a read or an image that is compared. */
function telling({ steps, after = [] }: Sequence): unknown[] {
  const claims = steps.filter(
    (step) =>
      ('qmp' in step && step.expect !== undefined && step.expect !== 'ok') ||
      ('await' in step && step.expect === 'met') ||
      ('guest' in step && step.guest === 'read' && step.expect === 'ok'),
  );
  return [...claims, ...after];
}
