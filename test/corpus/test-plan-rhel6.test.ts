import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSequence } from '../../src/sequence/parse.ts';
import { printSequence } from '../../src/sequence/print.ts';

const dir = join(import.meta.dirname, '../../corpus/test-plan-rhel6');
const files = readdirSync(dir)
  .sort()
  .map((file) => {
    const text = readFileSync(join(dir, file), 'utf8');
    return { file, text, sequence: parseSequence(text, file) };
  });

/** The numbered items of the plan, as the comments name them. */
const items = [
  'section 1',
  'section 1, whole',
  'section 1, step 5',
  'section 2',
  'section 3',
  'section 4',
  'section 5',
  'section 6.1',
  'section 6.2',
  'example',
];

test.each(items)('the plan’s %s is there in its own commands', (item) => {
  const opening = new RegExp(`^Test plan, ${item.replace('.', '\\.')}[:,]`);
  expect(files.some(({ sequence }) => opening.test(sequence.comment ?? ''))).toBe(true);
});

describe.each(files)('$file', ({ text, sequence }) => {
  test('is written as printSequence writes it', () => {
    expect(text).toBe(printSequence(sequence));
  });

  test('speaks a dialect, has a sentence for a title, and tags', () => {
    expect(sequence.dialect).toMatch(/^rhel[67]$/);
    expect(sequence.title).toMatch(/^\S.{20,118}\.$/);
    expect(sequence.tags).not.toHaveLength(0);
  });
});

test.each(['nfs', 'iscsi'])(
  'section 1 is there whole with the target on %s: quit, compare, boot',
  (storage) => {
    const whole = files.find(({ sequence }) => sequence.arena.disks.some((disk) => disk.storage === storage));
    const { steps = [], after = [] } = whole?.sequence ?? {};
    const sent = steps.flatMap((step) => ('qmp' in step ? [step.qmp] : []));
    expect(sent).toEqual(['__com.redhat_drive-mirror', 'query-block-jobs', 'quit']);
    expect(after).toEqual(expect.arrayContaining([{ same: ['src', 'dst'] }, { boots: 'dst' }]));
  },
);

test('every command of RHEL 6.3 is used', () => {
  const used = new Set(
    files.flatMap(({ sequence }) => sequence.steps.flatMap((step) => ('qmp' in step ? [step.qmp] : []))),
  );
  for (const name of ['__com.redhat_drive-mirror', '__com.redhat_drive-reopen', 'block_job_set_speed'])
    expect(used).toContain(name);
});
