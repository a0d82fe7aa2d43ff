import { expect, test } from 'vitest';
import type { Affected } from '../../src/findings/affected.ts';
import { shownRate } from '../../src/findings/shown-rate.ts';

const row = (version: string, ok: number, of: number): Affected => ({
  label: version,
  version,
  flavour: 'daemon',
  ok,
  of,
});

test.each<[string, Affected[], { ok: number; of: number }]>([
  ['what found it, where nothing else tried it', [], { ok: 2, of: 3 }],
  ['what found it, where others tried it less often', [row('11.1.3', 1, 1)], { ok: 2, of: 3 }],
  ['the most runs', [row('7.2.22', 9, 20), row('11.1.3', 10, 10)], { ok: 9, of: 20 }],
  ['the newest of as many', [row('7.2.22', 9, 20), row('11.1.3', 4, 20)], { ok: 4, of: 20 }],
  ['none that does not show it', [row('7.2.22', 10, 10), row('11.1.3', 0, 20)], { ok: 10, of: 10 }],
])('a finding shows as surely as %s says', (_what, affected, due) => {
  expect(shownRate({ affected, reproduced: { ok: 2, of: 3 } })).toMatchObject(due);
});
