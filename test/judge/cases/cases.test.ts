import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/judge/judge.ts';
import { triedSeries } from '../../../src/qemu/versions.ts';
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
});
