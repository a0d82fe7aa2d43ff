import { expect, test } from 'vitest';
import type { AffectedCell, FindingHead, Page } from '../../src/page/model.ts';
import { pagesOf, storedPages } from '../../src/page/shared-cells.ts';

const shows = {
  version: '7.2.22',
  flavour: 'system',
  label: 'path',
  outcome: 'shows',
  words: '10/10',
} as const;
const not = { ...shows, version: '5.2.0', outcome: 'does-not-show', words: 'no, 0/20' } as const;
const daemon = { ...shows, flavour: 'daemon' } as const;

test('what is read back is what was stored, and what findings share stands once', () => {
  const pages = [page([[shows, not], [not, shows], []]), page([[daemon, shows]])];
  const stored = storedPages(pages);
  expect(stored.cells).toEqual([shows, not, daemon]);
  expect(pagesOf(JSON.parse(JSON.stringify(stored)))).toEqual(pages);
});

test('a place without a cell is left out', () => {
  const stored = storedPages([page([[shows]])]);
  expect(pagesOf({ ...stored, cells: [] })).toEqual([page([[]])]);
});

function page(findings: AffectedCell[][]): Page {
  return {
    title: 'a store',
    verdict: { is: 'fail', words: 'findings', why: [] },
    facts: [],
    findings: findings.map(
      (affected, i): FindingHead => ({
        id: `${i}`,
        title: 'a finding',
        impact: 'crash',
        impactWords: 'Crash',
        reach: 'guest',
        reachWords: 'Reachable by the guest alone',
        rule: 'crash/signal',
        status: 'new',
        steps: 1,
        reproduced: { ok: 1, of: 1 },
        met: 1,
        affected,
      }),
    ),
    notes: [],
  };
}
