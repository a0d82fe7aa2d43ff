import { expect, test } from 'vitest';
import { campaignHeads } from '../../src/serve/campaign-heads.ts';
import { campaignSource, huntSource } from '../../src/serve/live-source.ts';
import { openRates } from '../../src/serve/rates.ts';
import { versionCoverage } from '../../src/serve/version-coverage.ts';
import { statusOf } from '../report/live/status-of.ts';
import { aCampaign } from './a-lab.ts';

const writtenMs = Date.parse('2026-01-01T00:01:00.000Z');

test('a hunt that wrote a moment ago runs; a silent one is said to be; one that ended has no living workers', () => {
  const running = huntSource('a', statusOf({}), 6.5, writtenMs + 2000);
  expect(running).toMatchObject({ is: 'running', words: 'running for 01:00 of 10:00' });
  expect(running.workers).toMatchObject([
    { isAlive: true, lanes: [{ doing: 'hunting integrity on 7.2.22' }] },
    {},
  ]);
  expect(huntSource('a', statusOf({}), 6.5, writtenMs + 60_000)).toMatchObject({
    ...{ is: 'silent', words: expect.stringContaining('not heard of for 01:00') },
  });
  const ended = huntSource('a', statusOf({ state: 'ended' }), 6.5, writtenMs + 90_000);
  expect(ended).toMatchObject({ is: 'ended', words: 'ended 01:30 ago, after 01:00' });
  expect(ended.workers.every(({ isAlive }) => !isAlive)).toBe(true);
});

test('the curves: a rate is what was added since the point before; novelty and findings are sums', () => {
  const { curves } = huntSource('a', statusOf({}), 6.5, writtenMs);
  expect(curves).toMatchObject([
    {
      name: 'Rate',
      now: '6.5',
      points: [
        [30, 100 / 30],
        [60, 200 / 30],
      ],
    },
    {
      name: 'Novelty',
      now: '900',
      points: [
        [0, 0],
        [30, 800],
        [60, 900],
      ],
    },
    { name: 'Findings', now: '1' },
  ]);
});

test('control characters of whoever wrote the file reach nobody', () => {
  const source = huntSource('a', statusOf({ host: '\u001b[2Jx', warnings: ['a\u0007b'] }), 1, writtenMs);
  expect(JSON.stringify(source)).not.toMatch(/\\u001b|\\u0007/);
});

test('a campaign: who works, who is gone, what waits where; queues that hold nothing are left out', () => {
  const source = campaignSource(aCampaign(), { rate: 3, shown: 'redis://lab', trouble: undefined });
  expect(source).toMatchObject({ is: 'running', words: 'hunting for 01:00 of 1:00:00' });
  expect(source.workers).toMatchObject([
    { name: 'one 12', isAlive: true, facts: '7.2.22 system; 4 shards, 400 sequences' },
    { name: 'two 12', isAlive: false, lanes: [{ doing: 'silent', words: '00:20' }] },
  ]);
  expect(source.queues).toEqual([
    { name: 'hunt-0123456789abcdef', waiting: 12, active: 1, delayed: 0, failed: 0 },
  ]);
});

test('a campaign whose Redis does not answer, or whose coordinator is gone, does not look as if it ran', () => {
  const about = { rate: 3, shown: 'redis://lab', trouble: undefined };
  expect(campaignSource(aCampaign(), { ...about, trouble: 'ECONNREFUSED' })).toMatchObject({
    ...{ is: 'silent', words: expect.stringContaining('Redis does not answer: ECONNREFUSED') },
  });
  expect(campaignSource({ ...aCampaign(), isCoordinated: false }, about)).toMatchObject({ is: 'silent' });
  expect(campaignSource({ ...aCampaign(), campaign: undefined } as never, about).words).toBe(
    'no campaign yet',
  );
});

test('what only the campaign has found is listed without a timeline, and says why', () => {
  const found = aCampaign().progress?.findings ?? [];
  expect(campaignHeads(found, new Set())).toMatchObject([
    { id: 'aaaaaaaaaaaa', impactWords: 'Crash', note: expect.stringContaining("coordinator's store") },
  ]);
  expect(campaignHeads(found, new Set(['aaaaaaaaaaaa']))).toEqual([]);
});

test('coverage is summed by version, over hunts and flavours, the newest first', () => {
  const triples = { 'ready job-pause ok': 2 };
  const sums = versionCoverage([
    { version: '7.2.22', sequences: 5, triples },
    { version: '11.1.3', sequences: 1, triples },
    { version: '7.2.22', sequences: 6, triples },
  ]);
  expect(sums.map(({ version, sequences }) => [version, sequences])).toEqual([
    ['11.1.3', 1],
    ['7.2.22', 11],
  ]);
  expect(sums[1]?.grid.verbs[0]?.cells).toContainEqual({ accepted: 4, refused: 0 });
});

test('a rate is that of the last seconds, and begins again with a hunt of the same name', () => {
  const rate = openRates();
  expect(rate('a', { atMs: 0, sequences: 0 })).toBeUndefined();
  for (let s = 1; s <= 60; s++) rate('a', { atMs: s * 1000, sequences: s * 10 });
  for (let s = 61; s <= 90; s++) rate('a', { atMs: s * 1000, sequences: 600 + (s - 60) * 2 });
  expect(rate('a', { atMs: 90_000, sequences: 660 })).toBeCloseTo(2, 5);
  expect(rate('a', { atMs: 1000, sequences: 5 })).toBeUndefined();
});

test('a gate and a prune show what they are at, how much of it is done, and what came of it so far', () => {
  const lab = aCampaign();
  const campaign = { ...lab.campaign, kind: 'gate' } as NonNullable<typeof lab.campaign>;
  const asked = { campaign: campaign.id, doing: 'known findings', done: 4, of: 23, elapsedMs: 65_000 };
  const about = { rate: 3, shown: 'redis://lab', trouble: undefined };
  const gate = campaignSource(
    { ...lab, campaign, asked: { ...asked, words: '1 fail, 3 pass\u0007' } },
    about,
  );
  expect(gate).toMatchObject({
    ...{ title: 'Gate by the lab at redis://lab, seed 7', is: 'running', words: 'running for 01:05' },
    ...{ progress: { doing: 'known findings', done: 4, of: 23 }, curves: [] },
  });
  expect(gate.figures).toContainEqual(['verdicts so far', '1 fail, 3 pass\\x07']);
  const prune = campaignSource(
    { ...lab, campaign: { ...campaign, kind: 'prune' }, asked: { ...asked, of: 0, words: 'nothing' } },
    about,
  );
  expect(prune.title).toBe('Corpus run by the lab at redis://lab');
  expect(prune.progress).toBeUndefined();
  expect(prune.figures).toContainEqual(['doing', 'known findings']);
});
