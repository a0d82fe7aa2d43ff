import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judge, rules } from '../../src/judge/judge.ts';
import type { Verdict } from '../../src/judge/ledger.ts';
import { type Named, taleGroups } from './tales.ts';

/*
 * How often rules held and were undecided in every tale, and why, kept as files to be read: a rule that no longer says
 * that it held, or why it could not decide, shows in the diff.
 */

const judged = Object.entries(taleGroups).map(([group, tales]) => ({
  group,
  tales: tales.map((tale) => ({ tale, verdicts: judge(tale.trace, tale.schema).verdicts })),
}));

describe('every tale is ruled on as before', () => {
  test.each(judged)('$group', async ({ group, tales }) => {
    const text = tales.map(({ tale, verdicts }) => `${line(tale, verdicts)}\n`).join('');
    await expect(text).toMatchFileSnapshot(
      join(import.meta.dirname, 'snapshots', 'verdicts', `${group}.txt`),
    );
  });
});

const all = judged.flatMap(({ tales }) => tales.flatMap(({ verdicts }) => verdicts));
const families = [...new Set(rules.map(({ name }) => familyOf(name)))];

test.each(families)('some rule of %s holds in a tale, and says so', (family) => {
  expect(all.some(({ rule, held }) => familyOf(rule.name) === family && held > 0)).toBe(true);
});

test.each(families)('some rule of %s is undecided in a tale, with its reason', (family) => {
  expect(all.some(({ rule, undecided }) => familyOf(rule.name) === family && undecided.length > 0)).toBe(
    true,
  );
});

function familyOf(name: string): string {
  return name.split('/')[0] ?? '';
}

/** The tale's own rule, then all: `held 2 · 31 held, 0 broken, 2 undecided (race 2)`. */
function line({ name }: Named, verdicts: readonly Verdict[]): string {
  const own = verdicts.find(({ rule }) => name.startsWith(`${rule.name}:`));
  const sum = (of: (verdict: Verdict) => number): number =>
    verdicts.reduce((total, each) => total + of(each), 0);
  const reasons = new Map<string, number>();
  for (const { undecided } of verdicts)
    for (const { why, times } of undecided) reasons.set(why, (reasons.get(why) ?? 0) + times);
  const why = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([each, times]) => `${each} ${times}`);
  const undecided = [...reasons.values()].reduce((total, times) => total + times, 0);
  const whole = `${sum(({ held }) => held)} held, ${sum(({ broken }) => broken)} broken, ${undecided} undecided`;
  return `${name}\n    ${own ? said(own) : 'silent'} · ${whole}${why.length > 0 ? ` (${why.join(', ')})` : ''}`;
}

function said({ held, broken, undecided }: Verdict): string {
  const whys = undecided.map(({ why, times }) => `undecided ${times} (${why})`);
  return [...(held > 0 ? [`held ${held}`] : []), ...(broken > 0 ? [`broken ${broken}`] : []), ...whys].join(
    ', ',
  );
}
