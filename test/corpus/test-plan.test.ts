import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSequence } from '../../src/sequence/parse.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';

const dir = join(import.meta.dirname, '../../corpus/test-plan');
const files = readdirSync(dir).sort();

/** How a comment opens, and the files that it opens: every numbered procedure of the plan, every behaviour of the patch. */
const covered: Record<string, { says: RegExp; by: string[] }> = {
  'Test plan, section 1 (steady state, quit, compare, run on the target)': {
    says: /^Test plan, section 1[:,]/,
    by: [
      'steady-state-quit-compare',
      'steady-state-quit-raw-and-qcow2',
      'guest-runs-on-target',
      'quit-with-target-on-storage',
      'guest-moves-to-storage',
    ],
  },
  'Test plan, section 2 (cancel, query, info block-jobs)': {
    says: /^Test plan, section 2:/,
    by: [
      'cancel-and-query',
      'cancel-in-steady-state-and-query',
      'info-block-jobs',
      'cancel-job-named-after-drive',
    ],
  },
  'Test plan, section 3 (set speed)': {
    says: /^Test plan, section 3:/,
    by: ['set-speed', 'set-speed-refused'],
  },
  'Test plan, the names and arguments of 2012': {
    says: /^Test plan, sections 1, (3, 4|4, 5) and 6:/,
    by: ['historic-commands-unknown', 'historic-arguments-refused'],
  },
  'Test plan, section 4 (snapshots, mirror, reopen)': {
    says: /^Test plan, section 4:/,
    by: ['snapshots-mirror-reopen', 'snapshots-mirror-reopen-drive'],
  },
  'Test plan, section 5 (existing, absolute-paths, transaction)': {
    says: /^Test plan, section 5:/,
    by: [
      'mode-existing',
      'mode-existing-keeps-content',
      'mode-existing-refused',
      'mode-absolute-paths',
      'transaction-refused',
    ],
  },
  'Test plan, section 6.1 (mirror with a speed)': {
    says: /^Test plan, section 6\.1:/,
    by: ['speed-from-the-start'],
  },
  'Test plan, section 6.2 (stream with a speed)': {
    says: /^Test plan, section 6\.2:/,
    by: ['stream-with-speed'],
  },
  'Test plan, example of RHEL 7': {
    says: /^Test plan, example:/,
    by: ['rhel7-example', 'rhel7-example-drive'],
  },
  'live-block-operations.rst: what is copied into [E]': {
    says: /^live-block-operations\.rst patch: /,
    by: ['whole-chain-into-one-target', 'top-most-image-only'],
  },
  'live-block-operations.rst: cancel and complete before READY': {
    says: /^live-block-operations\.rst patch: /,
    by: ['cancel-before-ready', 'complete-before-ready-refused'],
  },
  'live-block-operations.rst: the two actions after READY': {
    says: /^live-block-operations\.rst patch: /,
    by: [
      'cancel-after-ready',
      'force-cancel-after-ready',
      'job-cancel-after-ready',
      'complete-after-ready',
      'job-complete-after-ready',
      'complete-pivots-drive',
    ],
  },
  'live-block-operations.rst: which jobs become READY': {
    says: /^live-block-operations\.rst patch: /,
    by: ['active-commit-ready-complete', 'active-commit-ready-cancel', 'other-jobs-end-by-themselves'],
  },
  'live-block-operations.rst: non-shared storage': {
    says: /^live-block-operations\.rst patch: /,
    by: ['non-shared-storage-nbd', 'non-shared-storage-nbd-drive-mirror', 'non-shared-storage-as-written'],
  },
};

describe.each(Object.entries(covered))('%s', (_, { says, by }) => {
  test.each(by)('is covered by %s, whose comment opens with the section', (name) => {
    const file = files.find((candidate) => candidate.replace(/^\d\d-/, '') === `${name}.json`);
    expect(file).toBeDefined();
    expect(read(file as string).sequence.comment).toMatch(says);
  });
});

test('every file of the directory is in the table, and they are numbered in its order', () => {
  const names = Object.values(covered).flatMap(({ by }) => by);
  const inOrder = [...names].sort((a, b) => numberOf(a) - numberOf(b));
  expect(inOrder.map((name, i) => `${String(i + 1).padStart(2, '0')}-${name}.json`)).toEqual(files);
});

describe.each(files)('%s', (file) => {
  const { text, sequence } = read(file);

  test('is written as printSequence writes it', () => {
    expect(text).toBe(printSequence(sequence));
  });

  test('has a sentence for a title, and tags', () => {
    expect(sequence.title).toMatch(/^\S.{20,118}\.$/);
    expect(sequence.tags).not.toHaveLength(0);
  });

  test('claims something of a reply, an event or an image beyond "ok"', () => {
    expect(telling(sequence)).not.toHaveLength(0);
  });
});

/** Claims that a QEMU which merely says yes to everything would break. */
function telling({ steps, after = [] }: Sequence): unknown[] {
  const claims = steps.filter(
    (step) =>
      ('qmp' in step && step.expect !== undefined && step.expect !== 'ok') ||
      ('await' in step && step.expect === 'met' && typeof step.await === 'object'),
  );
  return [...claims, ...after.filter((claim) => 'same' in claim || 'boots' in claim)];
}

function numberOf(name: string): number {
  return files.findIndex((file) => file.replace(/^\d\d-/, '') === `${name}.json`);
}

function read(file: string): { text: string; sequence: Sequence } {
  const text = readFileSync(join(dir, file), 'utf8');
  return { text, sequence: parseSequence(text, file) };
}
