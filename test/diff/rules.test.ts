import { describe, expect, test } from 'vitest';
import type { Difference } from '../../src/diff/compare.ts';
import { groupByCause } from '../../src/diff/group.ts';
import { foldedBy } from '../../src/diff/rules.ts';
import type { Step } from '../../src/sequence/step.ts';

const difference = (of: Partial<Difference>): Difference => ({
  key: '0 a 1 outcome',
  step: 0,
  what: 'members',
  subject: 'query-status: singlestep',
  values: ['nothing', 'true'],
  ...of,
});
const names = (of: Partial<Difference>, ...versions: string[]) =>
  foldedBy(difference(of), versions)?.map(({ name }) => name);

describe('a rule folds', () => {
  test('what a newer version added, and not what it dropped', () => {
    expect(names({ subject: 'query-block: a' }, '7.2.22', '10.0.13')).toEqual(['members-added']);
    expect(names({ subject: 'query-block: a' }, '10.0.13', '7.2.22')).toBeUndefined();
    expect(names({ subject: 'query-block: a' }, '10.0.13', '10.0.13')).toBeUndefined();
  });

  test('a removal between the versions before and after it', () => {
    const values = ['false', 'nothing'];
    expect(names({ values }, '7.2.22', '10.0.13')).toEqual(['singlestep-removed']);
    expect(names({ values }, '10.0.13', '11.1.3')).toBeUndefined();
    expect(names({ values, subject: 'query-status: running' }, '7.2.22', '10.0.13')).toBeUndefined();
  });

  test('three versions only where each step is explained', () => {
    expect(names({ values: ['false', 'nothing', 'nothing'] }, '7.2.22', '10.0.13', '11.1.3')).toHaveLength(1);
    expect(names({ values: ['false', 'nothing', 'false'] }, '7.2.22', '10.0.13', '11.1.3')).toHaveLength(2);
    expect(names({ values: ['false', 'true', 'nothing'] }, '7.2.22', '10.0.13', '11.1.3')).toBeUndefined();
  });

  test('only the pair of texts that it names', () => {
    const what = 'words';
    const subject = 'reply to block_resize';
    const busy = 'Node DISK is busy: block device is in use by block job: mirror';
    expect(
      names({ what, subject, values: ["Device 'TEXT' is in use", busy] }, '7.2.22', '10.0.13'),
    ).toHaveLength(1);
    expect(names({ what, subject, values: ['Cannot resize', busy] }, '7.2.22', '10.0.13')).toBeUndefined();
  });

  test('a command that came, and not one that went', () => {
    const values = ['CommandNotFound', 'ok'];
    expect(names({ what: 'outcome', values }, '7.2.22', '10.0.13')).toEqual(['command-added']);
    expect(names({ what: 'outcome', values }, '10.0.13', '7.2.22')).toBeUndefined();
  });

  test('a member that the older version does not have, and not one that the newer refuses', () => {
    const values = ['GenericError: not in the schema', 'ok'];
    expect(names({ what: 'outcome', values }, '10.0.13', '11.1.3')).toEqual(['argument-added']);
    expect(names({ what: 'outcome', values }, '11.1.3', '10.0.13')).toBeUndefined();
    const refused = ['GenericError', 'ok'];
    expect(names({ what: 'outcome', values: refused }, '10.0.13', '11.1.3')).toBeUndefined();
    const died = ['GenericError: not in the schema', 'nothing'];
    expect(names({ what: 'outcome', values: died }, '10.0.13', '11.1.3')).toBeUndefined();
  });

  test('an answer that the model allows, and others, too', () => {
    const of = { what: 'outcome', values: ['ok', 'GenericError'] } as const;
    expect(names({ ...of, mayDiffer: true }, '7.2.22', '10.0.13')).toEqual(['model-allows-both']);
    expect(names(of, '7.2.22', '10.0.13')).toBeUndefined();
  });
});

describe('groups', () => {
  const shown = (values: string[], steps: number, name = `of ${steps}`) => ({
    difference: difference({ values }),
    versions: ['7.2.22', '10.0.13', '11.1.3'],
    name,
    sequence: {
      schema: 1 as const,
      title: name,
      arena: { disks: [] },
      steps: Array<Step>(steps).fill({ pause: 1 }),
    },
  });

  test('one cause is one group, with its smallest sequence', () => {
    const groups = groupByCause([
      shown(['a', 'b', 'b'], 4),
      shown(['a', 'b', 'b'], 2),
      shown(['a', 'a', 'b'], 1),
    ]);
    expect(groups.map(({ sequences, smallest, alone }) => [sequences, smallest.name, alone])).toEqual([
      [2, 'of 2', '7.2.22'],
      [1, 'of 1', '11.1.3'],
    ]);
  });

  test('no version stands alone where all three differ', () => {
    expect(groupByCause([shown(['a', 'b', 'c'], 1)])[0]?.alone).toBeUndefined();
  });

  test('contents count by which are alike, not by their hashes', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
    expect(groupByCause([shown([a, b, b], 1), shown([c, a, a], 2)])).toHaveLength(1);
  });
});
