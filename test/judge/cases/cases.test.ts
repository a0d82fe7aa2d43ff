import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/judge/judge.ts';
import { triedSeries } from '../../../src/qemu/versions.ts';
import type { ContentRun } from '../../../src/trace/content-run.ts';
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
});
