import { describe, expect, test } from 'vitest';
import { parseResult } from '../../../src/report/page/result-file.ts';
import { verdictOf } from '../../../src/report/page/verdict.ts';

const result = {
  ...{ schema: 1, tool: { name: 'mirrorfuzz', version: '0' }, findings: [], verdict: 'fail' },
  qemu: [{ label: 'debian:sid', version: '11.1.3', flavour: 'system' }],
};
const items = ['pass', 'unknown', 'known', 'fail', 'pass'].map((verdict, i) => ({ name: `${i}`, verdict }));
const verdict = (more: object, impacts: string[] = []) =>
  verdictOf(
    parseResult({ ...result, ...more }, 'a.json'),
    impacts.map((impact) => ({ impact }) as Parameters<typeof verdictOf>[1][number]),
  );

describe('what a page begins with', () => {
  test('of a gate: yes or no, of which QEMU beside which, what became of all, and what there was no time for', () => {
    expect(
      verdict({
        ...{ candidate: 'debian:sid', baseline: '7.2.22', items, notReached: { scenario: 2, finding: 1 } },
        decided: { sequences: 4, undecided: [{ reason: 'no time', count: 1 }] },
      }),
    ).toEqual({
      is: 'fail',
      words: 'The gate fails',
      why: [
        'QEMU 11.1.3 (debian:sid), beside 7.2.22.',
        '1 failed, 1 undecided, 1 known, 2 passed.',
        'There was no time for 2 scenario runs, 1 finding replay.',
        '1 undecided: no time',
      ],
    });
    expect(verdict({ candidate: 'build/', baseline: null, verdict: 'pass' })).toMatchObject({
      words: 'The gate passes',
      why: ['QEMU build/, without a baseline.'],
    });
  });

  test('of a hunt: how many findings of which harm, the worst first, and how much was judged', () => {
    expect(verdict({ decided: { sequences: 9 } }, ['hang', 'data-loss', 'hang'])).toEqual({
      is: 'fail',
      words: '3 findings',
      why: ['Data loss: 1. Hang: 2.', '9 of 9 sequences were judged.'],
    });
    expect(verdict({ decided: { sequences: 9 } }, ['hang']).why).toEqual(['9 of 9 sequences were judged.']);
  });
});
