import { expect, test } from 'vitest';
import type { ScenarioItem } from '../../src/campaign/run-scenarios.ts';
import { ruleOn } from '../../src/campaign/scenario-verdict.ts';
import { scenarioMatrix } from '../../src/report/scenario-matrix.ts';
import { failing, passing, run } from '../campaign/scenario-runs.ts';

test('flavours and storage that agree are one cell with their number', () => {
  const items = [
    item('cancel', [passing], { flavour: 'system' }),
    item('cancel', [passing], { flavour: 'daemon' }),
    item('cancel', [passing], { flavour: 'daemon', storage: 'nbd' }),
  ];
  expect(scenarioMatrix(items)).toEqual(['SCENARIO  7.2.22', 'cancel    pass 3/3']);
});

test('each QEMU is a column, each scenario a row', () => {
  const newer = { target: { ...passing.target, label: 'debian:sid' } };
  const items = [item('a', [passing]), item('a', [passing], newer), item('b', [passing])];
  expect(scenarioMatrix(items)).toEqual([
    'SCENARIO  7.2.22    debian:sid',
    'a         pass 1/1  pass 1/1',
    'b         pass 1/1',
  ]);
});

test('why something was skipped stands below, once for all that share the reason', () => {
  const skipped = run({ verdict: 'skipped', reason: 'the storage daemon has no drives and no HMP' });
  const items = [item('a', [passing], { flavour: 'system' }), item('a', [skipped]), item('b', [skipped])];
  expect(scenarioMatrix(items)).toEqual([
    'SCENARIO  7.2.22',
    'a         pass 1/1 a',
    'b         skip a',
    '  a  the storage daemon has no drives and no HMP',
  ]);
});

test('a failure is the cell of its QEMU, with the rule, and is told in detail below', () => {
  const text = scenarioMatrix([item('a', [passing], { flavour: 'system' }), item('a', [failing, failing])]);
  expect(text[1]).toBe('a         FAIL claim/reply');
  expect(text).toContain('FAIL  a on 7.2.22 daemon: passed 0 of 2');
  expect(text).toContain('  claim/reply, step 1: query-version: expected an error, got success');
});

test('what passed once in three runs is FLAKY', () => {
  expect(scenarioMatrix([item('a', [failing, passing, failing])])[1]).toBe('a         FLAKY 1/3 claim/reply');
});

test('what is known is told as known', () => {
  const known = { ...item('a', [failing]), ...ruleOn([failing], () => true) };
  expect(scenarioMatrix([known])[1]).toBe('a         known claim/reply');
});

test('quiet leaves out what passed or was skipped', () => {
  const items = [item('good', [passing]), item('bad', [failing])];
  const text = scenarioMatrix(items, { quiet: true }).join('\n');
  expect(text).toContain('bad ');
  expect(text).not.toContain('good');
  expect(scenarioMatrix([item('good', [passing])], { quiet: true })).toEqual([]);
});

function item(
  name: string,
  runs: Parameters<typeof ruleOn>[0],
  more: Partial<Pick<ScenarioItem, 'target' | 'flavour' | 'storage'>> = {},
): ScenarioItem {
  const { named, target, flavour } = passing;
  return { scenario: { ...named, name }, target, flavour, ...ruleOn(runs, () => false), ...more };
}
