import { expect, test } from 'vitest';
import type { Finding } from '../../src/findings/finding.ts';
import { checkShownBy } from '../../src/findings/shown-by.ts';
import { valgrindOf4ea3 } from './stacks/recorded.ts';

const finding = {
  id: '3f2a00000000',
  stacks: [valgrindOf4ea3()],
  ablation: {
    label: '7.2.22',
    version: '7.2.22',
    flavour: 'system',
    whole: { ok: 10, of: 10 },
    rows: [
      { what: 'sync=none', ok: 0, of: 5 },
      { what: 'sync=full', ok: 5, of: 5 },
      { what: 'without device', ok: 0, of: 5, refused: "Parameter 'device' is missing" },
    ],
  },
} as unknown as Finding;

test.each(['sync=none', 'valgrind'])(
  '%s shows a cause: a decisive row, and a debugger whose stack is there',
  (by) => {
    expect(() => checkShownBy(finding, by)).not.toThrow();
  },
);

test.each([
  ['a sentence', 'it is freed twice', /is no row of the ablation of 3f2a00000000/],
  ['what was refused', 'without device', /shows nothing: refused: says nothing/],
  ['a change with which it shows, too', 'sync=full', /shows nothing: the defect shows with it, too/],
  ['a debugger without a stack', 'gdb', /is no row/],
])('%s shows none', (_what, by, complaint) => {
  expect(() => checkShownBy(finding, by)).toThrow(complaint);
  expect(() => checkShownBy({ ...finding, ablation: undefined, stacks: [] }, by)).toThrow(/is no row/);
});
