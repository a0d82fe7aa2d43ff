import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { titleOf } from '../../src/findings/title/title.ts';
import { codeQualityText } from '../../src/report/gate-code-quality.ts';
import { githubAnnotations, githubSummary } from '../../src/report/gate-github.ts';
import { gateSummary, itemLines } from '../../src/report/gate-lines.ts';
import { tapText } from '../../src/report/gate-tap.ts';
import { crashFound } from '../findings/found.ts';
import { broken, finding, item, result } from '../gate/examples.ts';
import { everyVerdict, outcomeOf } from './gate-example.ts';

const outcome = outcomeOf(everyVerdict());

/** What GitLab reads of a code-quality report. */
const codeQuality = z.array(
  z.strictObject({
    description: z.string().min(1),
    check_name: z.string().min(1),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
    location: z.strictObject({
      path: z.string().regex(/^[^./]/),
      lines: z.strictObject({ begin: z.int().min(1) }),
    }),
  }),
);

describe('GitLab', () => {
  test('one entry a cause, with a fingerprint that stays', () => {
    const entries = codeQuality.parse(JSON.parse(codeQualityText(outcome)));
    expect(entries.map(({ severity }) => severity)).toEqual(['major', 'minor', 'blocker']);
    expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(3);
    expect(codeQualityText(outcomeOf(everyVerdict()))).toBe(codeQualityText(outcome));
    expect(entries[2]?.location.path).toBe('gate-report/findings/cccccccccccc/sequence.json');
  });
});

describe('GitHub', () => {
  test('an annotation a cause is one line, with what would end it escaped', () => {
    const lines = githubAnnotations(outcome);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['::error', '::warning', '::error']);
    for (const line of lines) expect(line).not.toMatch(/[\n\r]/);
    expect(lines[0]).toContain('line=1,title=fail%3A scenario/a"<b>&\\x07');
    expect(lines[0]).toContain('100 %25, all');
  });

  test('the summary says the verdict and has a row for each failure', () => {
    const text = githubSummary(outcome);
    expect(text).toMatch(/^## mirrorfuzz gate: fail\n/);
    expect(text.match(/^\| (?:fail|flaky) \|/gm)).toHaveLength(4);
    expect(text).toContain('\\|');
  });
});

test('TAP counts its points; what is undecided is not ok, what was not run is skipped', () => {
  const lines = tapText(outcome).split('\n');
  expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..9']);
  expect(lines.filter((line) => line.startsWith('not ok'))).toHaveLength(4);
  expect(lines.filter((line) => / # SKIP /.test(line))).toHaveLength(1);
  expect(tapText(outcomeOf([], { complete: false }))).toBe(
    'TAP version 14\n1..0\nBail out! it was interrupted\n',
  );
});

describe('terminal', () => {
  const lines = outcome.items.flatMap((each) => itemLines(each, { color: false, all: true }));

  test('a failure says what, by whom, how often, and the command', () => {
    const text = itemLines(outcome.items[8] as (typeof outcome.items)[number], {
      color: false,
      all: false,
    }).join('\n');
    expect(text).toMatch(/^FAIL {4}hunt\/cccccccccccc \(daemon\)\n/);
    expect(text).toContain('wrong-answer; valid-commands; ');
    expect(text).toContain('Reproduce with: mirrorfuzz replay gate-report/findings/cccccccccccc');
  });

  test('no line but a command is longer than 80 columns', () => {
    for (const line of [...lines, ...gateSummary(outcome)])
      if (!line.includes('Reproduce with')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('what passes is told with --verbose only', () => {
    expect(
      itemLines(outcome.items[0] as (typeof outcome.items)[number], { color: false, all: false }),
    ).toEqual([]);
  });

  test('the verdict is the last line', () => {
    expect(gateSummary(outcome).at(-1)).toBe('gate: FAIL: 3 items by 2 causes');
    const stopped = outcomeOf(everyVerdict().slice(0, 1), { complete: false, interrupted: true });
    expect(gateSummary(stopped).at(-1)).toBe('gate: unknown: it was interrupted');
    expect(gateSummary(outcomeOf(everyVerdict().slice(0, 1))).at(-1)).toBe('gate: pass');
    const late = result({ verdict: 'skipped', isNotReached: true });
    const partly = outcomeOf([...everyVerdict().slice(0, 1), late, late]);
    expect(partly.notReached).toEqual({ scenario: 2 });
    expect(gateSummary(partly).at(-1)).toBe('gate: pass; not reached in time: 2 scenario runs');
  });
});

test('ok counts the runs that did not show it; what is undecided is unknown in the JSON', () => {
  expect(outcome.items[1]).toMatchObject({
    verdict: 'fail',
    ok: 0,
    of: 9,
    shown: { baseline: { shown: 0, of: 9 } },
  });
  expect(outcome.items[7]).toMatchObject({ verdict: 'unknown', reason: 'the machine failed' });
  expect(outcome).toMatchObject({ verdict: 'fail', complete: true, baseline: '10.0.13' });
  expect(outcome.findings.map(({ id }) => id)).toEqual(['0123456789ab', 'bbbbbbbbbbbb', 'cccccccccccc']);
});

test('a failure is titled by its command and its effect; a finding that shows as it is stored keeps its own title', () => {
  const name = 'finding/aaaaaaaaaaaa';
  const stored = item({
    name,
    phase: 'finding',
    title: 'given by hand',
    finding: finding({ id: 'aaaaaaaaaaaa' }),
  });
  const titles = (id: string) =>
    outcomeOf([
      { ...result({ verdict: 'fail' }), item: stored, broken: broken('crash/signal', id) },
    ]).items.map(({ title }) => title);
  expect(titles('aaaaaaaaaaaa')).toEqual(['given by hand']);
  const { sequence, violation, trace } = crashFound({});
  const other = outcomeOf([
    {
      ...result({ verdict: 'fail' }),
      item: { ...stored, sequence },
      broken: broken('crash/signal', 'bbbbbbbbbbbb'),
    },
  ]);
  expect(other.items[0]?.title).toBe(titleOf(violation, sequence, trace));
  expect(other.findings[0]?.title).toBe(other.items[0]?.title);
});

test('items stand in the order of the plan, whichever was done first, and what the hunt found comes last', () => {
  const all = everyVerdict();
  const planned = all.filter(({ item }) => item.phase !== 'hunt');
  const names = all.map(({ item }) => item.name);
  expect(outcomeOf(all.toReversed(), { planned }).items.map(({ name }) => name)).toEqual(names);
});
