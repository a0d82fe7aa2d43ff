import { expect, test } from 'vitest';
import type { GateEvent } from '../../src/gate/gate-event.ts';
import { openGateProgress } from '../../src/gate/gate-progress.ts';

const ruled = (verdict: string) => ({ kind: 'ruled', result: { verdict } }) as unknown as GateEvent;

test('a gate says which part goes on, how many of its items are ruled on, and every verdict so far, the worst first', () => {
  const progress = openGateProgress();
  expect(progress.now()).toEqual({ doing: 'beginning', done: 0, of: 0, words: 'none yet' });
  progress.hear({ kind: 'phase', phase: 'sequences', items: 3 });
  for (const verdict of ['pass', 'pass', 'fail']) progress.hear(ruled(verdict));
  expect(progress.now()).toEqual({
    ...{ doing: 'scenarios and regressions', done: 3, of: 3, words: '1 fail, 2 pass' },
  });
  progress.hear({ kind: 'phase', phase: 'findings', items: 2 });
  progress.hear(ruled('known'));
  expect(progress.now()).toEqual({
    ...{ doing: 'known findings', done: 1, of: 2, words: '1 fail, 1 known, 2 pass' },
  });
});
