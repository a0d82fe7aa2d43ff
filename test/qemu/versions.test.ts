import { describe, expect, test } from 'vitest';
import { failsBy, hasTrait, isWithin, rangeText, triedSeries, versions } from '../../src/qemu/versions.ts';

describe('the rows', () => {
  test('are in the order of their series, each there once', () => {
    const labels = versions.map(({ series }) => series);
    const sorted = [...new Set(labels)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    expect(labels).toEqual(sorted);
  });

  test('say of each change and each failure once where it is', () => {
    const all = versions.flatMap(({ brings, fails }) => [...brings, ...fails]);
    expect(new Set(all).size).toBe(all.length);
  });

  test('name a suite of its own for every series that rules are tried on', () => {
    const suites = versions.flatMap(({ suite }) => suite ?? []);
    expect(new Set(suites).size).toBe(suites.length);
    expect(triedSeries.length).toBe(suites.length);
  });
});

describe('a version', () => {
  test('has what its own row and the rows before it bring, and nothing later', () => {
    expect(hasTrait('6.1.3', 'plain object-add')).toBe(true);
    expect(hasTrait('6.1.3', 'blockdev-reopen')).toBe(true);
    expect(hasTrait('6.1.3', 'complete in standby')).toBe(false);
    expect(hasTrait('5.2.0', 'plain object-add')).toBe(false);
  });

  test('that is newer than every row has what the last one has, and none of the failures of one series', () => {
    expect(hasTrait('12.0.0', 'complete in standby')).toBe(true);
    expect(failsBy('12.0.0', 'export into an iothread beside a job')).toBe(false);
    expect(failsBy('10.0.13', 'export into an iothread beside a job')).toBe(true);
  });

  test('is within a range from its first series on, and to the end of its last', () => {
    expect(isWithin('7.2.22', { since: '10.0' })).toBe(false);
    expect(isWithin('10.0.13', { since: '10.0' })).toBe(true);
    expect(isWithin('12.0.0', { since: '10.0' })).toBe(true);
    expect(isWithin('7.2.22', { until: '7.2' })).toBe(true);
    expect(isWithin('10.0.13', { until: '7.2' })).toBe(false);
    expect(isWithin('5.2.0', {})).toBe(true);
  });

  test('range reads as a sentence would have it', () => {
    expect(rangeText({})).toBe('5.2 and later');
    expect(rangeText({ since: '7.2', until: '10.0' })).toBe('7.2 to 10.0');
  });
});
