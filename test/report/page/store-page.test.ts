import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { storedFinding } from '../../../src/findings/stored.ts';
import { pageOf } from '../../../src/report/page/page.ts';

const store = fileURLToPath(new URL('../../../findings', import.meta.url));

test('the page of one finding speaks of one, and of how surely it shows by the most runs', () => {
  const stored = storedFinding(join(store, '811b3551907e'));
  const finding = {
    ...stored.finding,
    status: 'new' as const,
    reproduced: { ok: 3, of: 3 },
  };
  const { page } = pageOf({ is: 'finding', stored: { ...stored, finding } }, store);
  expect(page.verdict).toMatchObject({ words: '1 finding', why: ['It is new.'] });
  expect(page.findings[0]?.reproduced).toEqual({ ok: 10, of: 10 });
});

test('of several it says how many are new', () => {
  const ids = ['811b3551907e', '0d4e60f92ee9'];
  const findings = ids
    .map((id) => storedFinding(join(store, id)))
    .map((stored) => ({
      ...stored,
      finding: { ...stored.finding, status: 'known' as const },
    }));
  const { page } = pageOf({ is: 'store', findings, dir: store, complaints: [] }, store);
  expect(page.verdict.why.at(-1)).toBe('None is new.');
});
