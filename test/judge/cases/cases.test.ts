import { describe, expect, test } from 'vitest';
import { integrity } from '../../../src/judge/integrity/integrity.ts';
import { judge } from '../../../src/judge/judge.ts';
import { triedSeries } from '../../../src/qemu/versions.ts';
import type { ContentRun } from '../../../src/trace/content-run.ts';
import { broken } from '../rulings.ts';
import { recordedCases, verdicts } from './cases.ts';

const recorded = recordedCases();

describe('public bug reports, carried out on four versions', () => {
  test.each(Object.keys(verdicts))('%s was carried out on each', (name) => {
    const series = recorded.filter((each) => each.name === name).map(({ version }) => version);
    expect(series.map((version) => version.replace(/\.\d+$/, '')).sort()).toEqual([...triedSeries].sort());
  });

  test.each(recorded)('$name on $version', ({ name, version, trace, schema }) => {
    expect(schema).toBeDefined();
    const told = judge(trace, schema).violations.map(({ rule }) => rule.name);
    expect(told).toEqual(verdicts[name]?.broken[version] ?? []);
  });

  test.each(recorded.filter(({ name }) => name.startsWith('luks')))(
    '$name on $version: zeroes that a read finds are told',
    ({ trace, schema }) => {
      const doctored = trace.map((seen) =>
        seen.kind === 'guest-end' && seen.runs
          ? { ...seen, runs: seen.runs.map(([offset, length]): ContentRun => [offset, length, 'zero']) }
          : seen,
      );
      const told = judge(doctored, schema).violations.map(({ rule }) => rule.name);
      expect(told).toContain('integrity/guest-read');
    },
  );

  // Older versions promise nothing: what they do shows that the rules see it.
  test.each([
    ['sparse-copy-stays-sparse', 'integrity/sparse-copy', ['5.2.0', '7.2.22', '10.0.13']],
    ['commit-keeps-zeroes-sparse', 'integrity/commit-zeroes', ['5.2.0', '7.2.22']],
  ] as const)('%s: %s, without its since, is broken by older versions', (name, rule, versions) => {
    const breaking = recorded
      .filter((each) => each.name === name && broken(integrity, each.trace, each.schema).includes(rule))
      .map(({ version }) => version);
    expect(breaking.sort()).toEqual([...versions].sort());
  });
});
