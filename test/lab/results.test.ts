import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { noRuns } from '../../src/campaign/feedback/runs-sum.ts';
import { openFindings } from '../../src/findings/store.ts';
import { judge } from '../../src/judge/judge.ts';
import { limits } from '../../src/lab/limits.ts';
import { packedSequence, packSequence, packTrace } from '../../src/lab/packed.ts';
import { resultSchema } from '../../src/lab/results.ts';
import { writtenViolation } from '../../src/lab/violation.ts';
import { fileLimits } from '../../src/read-file.ts';

const stored = openFindings(join(import.meta.dirname, '..', '..', 'findings')).read('ff3c2e42e1c1');
const [sequence, trace] = [stored.sequence(), stored.trace()];
const violation = judge(trace).violations[0] as NonNullable<ReturnType<typeof judge>['violations'][0]>;

const shown = {
  ...{ index: 3, sequence: packSequence(sequence), features: ['f'], elapsedMs: 5 },
  moments: [{ step: 0, jobs: { j0: 'running' as const } }],
  violations: [{ signature: 's', violation: writtenViolation(violation), trace: packTrace(trace) }],
};
const hunt = {
  ...{ kind: 'hunt' as const, id: `h-${'0'.repeat(20)}`, campaign: '1'.repeat(16), worker: '2'.repeat(16) },
  ...{ program: '3'.repeat(16), elapsedMs: 12, sum: { ...noRuns(), sequences: 4 }, shown: [shown], lost: [] },
};

test('a result is read as it was written, by way of JSON; its rule is looked up here', () => {
  const read = resultSchema.parse(JSON.parse(JSON.stringify(hunt)));
  expect(read).toEqual({
    ...hunt,
    shown: [{ ...shown, sequence, violations: [{ signature: 's', violation, trace }] }],
  });
});

test.each([
  ['an id that is a path', { id: 'h-../../etc/passwd' }],
  ['a campaign that is none', { campaign: 'x' }],
  ['more sequences than a shard has', { sum: { ...noRuns(), sequences: limits.shardSequencesMax + 1 } }],
  ['a negative figure', { sum: { ...noRuns(), commands: -1 } }],
  ['a name as long as a book', { lost: [{ how: 'x'.repeat(limits.textLengthMax + 1) }] }],
  ['a sequence that is none', { shown: [{ ...shown, sequence: 'bm8=' }] }],
  ['a sequence of other JSON', { shown: [{ ...shown, sequence: packed('{"schema": 1}') }] }],
  [
    'a status that jobs never have',
    { shown: [{ ...shown, moments: [{ step: 0, jobs: { j: 'on fire' } }] }] },
  ],
  [
    'a rule that is none',
    {
      shown: [
        { ...shown, violations: [{ signature: 's', violation: { rule: 'no/rule', at: 0, facts: {} } }] },
      ],
    },
  ],
  [
    'a trace that is none',
    { shown: [{ ...shown, violations: [{ ...shown.violations[0], trace: 'eA==' }] }] },
  ],
])('%s is refused', (_, wrong) => {
  expect(resultSchema.safeParse(hunt).success).toBe(true);
  expect(resultSchema.safeParse({ ...hunt, ...wrong }).success).toBe(false);
});

test('what unpacks to more than a file may have is refused before it is unpacked in full', () => {
  const bomb = packed(' '.repeat(fileLimits.jsonBytes + 1));
  expect(bomb.length).toBeLessThan(fileLimits.jsonBytes / 100);
  const { success, error } = packedSequence.safeParse(bomb);
  expect(success).toBe(false);
  expect(error?.issues[0]?.message).toMatch(/larger than|buffer/i);
});

function packed(text: string): string {
  return gzipSync(text).toString('base64');
}
