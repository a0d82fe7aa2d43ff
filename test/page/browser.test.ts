import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium as playwright, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Detail, FindingHead, Page } from '../../src/page/model.ts';
import { bundledAssets } from '../../src/report/page/assets.ts';
import { pageHtml } from '../../src/report/page/html.ts';
import { timelineOf } from '../../src/report/page/timeline.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { chromium } from './chromium.ts';

const program = chromium();
const dir = mkdtempSync(join(tmpdir(), 'mf-page-'));
/** What people look at after a run of the tests; in .gitignore. */
const pictures = join(import.meta.dirname, '../../coverage/page');
let browser: Browser;
let url: string;
let shared: Tab;

describe.skipIf(program === undefined)(
  `the page in Chromium${program ? '' : ' (skipped: no chromium on PATH)'}`,
  () => {
    beforeAll(async () => {
      const file = join(dir, 'page.html');
      writeFileSync(file, pageHtml([page], [detail, beside], await bundledAssets()));
      url = pathToFileURL(file).href;
      mkdirSync(pictures, { recursive: true });
      // As root Chromium has no sandbox of its own.
      browser = await playwright.launch({ executablePath: program as string, args: ['--no-sandbox'] });
      shared = await browser.newPage();
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(dir, { recursive: true, force: true });
    });

    test('it opens from a file, asks no network, complains of nothing, and shows hostile titles as text', async () => {
      const { tab, complaints, requests } = await open();
      expect(await tab.locator('.finding').count()).toBe(3);
      expect(await tab.locator('.title').first().textContent()).toBe(hostile);
      expect(await tab.locator('img').count()).toBe(0);
      expect(await tab.title()).not.toBe('broken into');
      expect(complaints).toEqual([]);
      expect(requests.filter((each) => !each.startsWith('file:') && !each.startsWith('data:'))).toEqual([]);
      expect(requests).toContain(url);
    });

    test('the verdict is seen before the script has run, and stays what it was', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      onTestFinished(() => context.close());
      const before = await context.newPage();
      await before.goto(url);
      const { tab } = await open();
      for (const part of ['header', '.verdict']) {
        const first = await before.locator(part).innerText();
        expect(first).not.toBe('');
        expect(await tab.locator(part).innerText()).toBe(first);
      }
    });

    test('search and filters leave what is meant, and say how many', async () => {
      const { tab } = await open();
      await tab.getByLabel('Search').fill('hang');
      await tab.getByText('1 of 3 shown').waitFor();
      expect(await tab.locator('.finding:visible').count()).toBe(1);
      await tab.getByLabel('Search').fill('');
      await tab.getByText('3 shown', { exact: true }).waitFor();
      await tab.getByLabel('Impact').selectOption('crash');
      await tab.getByText('2 of 3 shown').waitFor();
      expect(await tab.locator('.finding:visible').count()).toBe(2);
      await tab.getByLabel('Search').fill('no such words');
      await tab.getByText('No finding matches.').waitFor();
      await tab.getByRole('button', { name: 'Show all' }).click();
      expect(await tab.locator('.finding:visible').count()).toBe(3);
    });

    test('of many findings a screen is there at once, and all of them to be searched, found, filtered and printed', async () => {
      const file = join(dir, 'many.html');
      const many = Array.from({ length: 80 }, (_, i) => ({ ...first, id: `${i}`, title: `number ${i}.` }));
      writeFileSync(file, pageHtml([{ ...page, findings: many }], [detail], await bundledAssets()));
      const { tab } = await open(pathToFileURL(file).href);
      const titles = () =>
        tab.evaluate<string[]>(`[...document.querySelectorAll('.title')].map((each) => each.textContent)`);
      await tab.evaluate(`window.dispatchEvent(new Event('beforeprint'))`);
      expect(await titles()).toEqual(many.map(({ title }) => title));
      await tab.reload();
      await tab.locator('.finding').nth(79).waitFor({ state: 'attached' });
      expect(await titles()).toEqual(many.map(({ title }) => title));
      expect(await tab.evaluate(`window.find('number 79.')`)).toBe(true);
      await tab.getByLabel('Search').fill('number 9.');
      await tab.getByText('8 of 80 shown').waitFor();
      expect(await tab.locator('.finding:visible').count()).toBe(8);
      // What is left out is taken away later, when nobody waits for it.
      await expect.poll(() => tab.locator('.finding').count()).toBe(8);
      await tab.getByLabel('Search').fill('');
      await tab.locator('.finding').nth(79).waitFor({ state: 'attached' });
      expect(await titles()).toEqual(many.map(({ title }) => title));
    });

    test('a finding opens by keyboard; its timeline is walked, zoomed and told by keyboard', async () => {
      const { tab, complaints } = await open();
      await tab.locator('.title').first().focus();
      await tab.keyboard.press('Enter');
      const canvas = tab.locator('canvas.timeline');
      await canvas.focus();
      const before = await picture(tab);
      await tab.keyboard.press('+');
      await tab.waitForTimeout(100);
      expect(await picture(tab)).not.toBe(before);
      await tab.keyboard.press('0');
      await tab.keyboard.press('n');
      expect(await tab.locator('.readout').first().textContent()).toMatch(/^steps, .*1\. /);
      await tab.keyboard.press('m');
      await tab.locator('.row.selected', { hasText: 'SIGSEGV' }).waitFor();
      expect(await tab.locator('.raw pre').textContent()).toContain('"signal":"SIGSEGV"');
      expect(complaints).toEqual([]);
    });

    test('a text to reproduce it is copied as it is', async () => {
      const { tab } = await open(`${url}#finding-${first.id}`);
      await tab.getByRole('button', { name: 'Copy block' }).last().click();
      await tab.getByText('copied').first().waitFor();
      await tab.evaluate(
        `document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))`,
      );
      await tab.locator('#paste').focus();
      await tab.keyboard.press('Control+V');
      expect(await tab.locator('#paste').inputValue()).toBe('echo "<b>"\n');
    });

    test('of 20,000 lines only those in sight are elements', async () => {
      const { tab } = await open(`${url}#finding-${first.id}`);
      const box = tab.locator('.lines');
      await box.evaluate((element: { scrollTop: number; scrollHeight: number }) => {
        element.scrollTop = element.scrollHeight;
      });
      await tab.getByText('QEMU ended: SIGSEGV').first().waitFor();
      expect(await tab.locator('.block').count()).toBeLessThan(8);
      // A line that is clicked is the one that is shown.
      await box.evaluate((element: { scrollTop: number }) => {
        element.scrollTop = 22 * 10_000;
      });
      await tab.locator('.block', { hasText: '500.9 ms' }).waitFor();
      await box.click({ position: { x: 40, y: 22 * 3 + 11 } });
      expect(await tab.locator('.row.selected').textContent()).toContain(' 501 ms');
      expect(await tab.locator('.raw pre').textContent()).toContain('"us":501000');
    });

    test('nothing is wider than the screen of a phone or of a desk, in the dark or in the light', async () => {
      const { tab } = await open();
      for (const [width, colorScheme] of [
        [360, 'dark'],
        [1440, 'light'],
      ] as const) {
        await tab.setViewportSize({ width, height: 900 });
        await tab.emulateMedia({ colorScheme });
        for (const [name, place] of [
          ['list', '#'],
          ['finding', `#finding-${first.id}`],
        ] as const) {
          await tab.evaluate(`location.hash = '${place}'`);
          await tab
            .locator(name === 'list' ? '.finding' : 'canvas.timeline')
            .first()
            .waitFor();
          expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
          await tab.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`) });
        }
      }
    });

    test('of runs side by side one zoom moves all, and the first difference is gone to in each', async () => {
      const { tab, complaints } = await open();
      await tab.getByText('Side by side').click();
      const canvases = tab.locator('.side-by-side canvas');
      await canvases.first().waitFor();
      const shots = () =>
        tab.evaluate<string[]>(
          `[...document.querySelectorAll('.side-by-side canvas')].map((each) => each.toDataURL())`,
        );
      const before = await shots();
      await canvases.first().focus();
      await tab.keyboard.press('+');
      await tab.waitForTimeout(100);
      const after = await shots();
      expect([before.length, before[0] !== after[0], before[1] !== after[1]]).toEqual([2, true, true]);
      await tab.getByRole('button', { name: /Difference/ }).click();
      expect(await tab.locator('.side-by-side > .readout').textContent()).toContain(
        '11.1.3: reply to job-pause',
      );
      expect(complaints).toEqual([]);
    });

    test('what is seen of one version is that of the version chosen', async () => {
      const { tab } = await open();
      const cell = tab.locator('table.heat tbody td').first();
      expect(await cell.textContent()).toBe('✗3');
      await tab.getByLabel('QEMU').first().selectOption('7.2.22');
      expect(await cell.textContent()).toBe('✓1');
    });

    test('arguments and rules are of the version chosen, by keyboard; what never came is said, as text', async () => {
      const { tab, complaints } = await open();
      const commands = tab.locator('section', { hasText: 'Arguments of commands' });
      const summary = commands.locator('summary', { hasText: 'job-pause' });
      expect(await summary.textContent()).toBe('job-pause ok 1; 1 of 3 kinds of values');
      await summary.focus();
      await tab.keyboard.press('Enter');
      await commands.getByText('○ never: empty text, long text').waitFor();
      expect(await commands.locator('td').first().textContent()).toBe(hostile);
      expect(await commands.getByText('○ never answered').textContent()).toContain(hostile);
      await commands.getByLabel('QEMU').focus();
      await tab.keyboard.press('ArrowDown');
      expect(await summary.textContent()).toBe('job-pause ok 5; no arguments');
      expect(await commands.locator('details').first().getAttribute('open')).not.toBeNull();
      const rules = tab.locator('section', { hasText: /^Rules/ });
      const held = rules.locator('tbody td').nth(1);
      expect(await held.textContent()).toBe('9');
      await rules.getByLabel('QEMU').selectOption('7.2.22');
      expect(await held.textContent()).toBe('4');
      expect(complaints).toEqual([]);
    });

    test('axe finds nothing serious: in the list, in a finding, side by side, on a desk in the light, on a phone in the dark', {
      timeout: 240_000,
    }, async () => {
      const { tab } = await open();
      for (const [width, colorScheme] of [
        [1440, 'light'],
        [360, 'dark'],
      ] as const) {
        await tab.setViewportSize({ width, height: 900 });
        await tab.emulateMedia({ colorScheme });
        for (const name of ['list', 'side by side', 'finding'] as const) {
          await tab.goto('about:blank');
          await tab.goto(name === 'finding' ? `${url}#finding-${first.id}` : url);
          if (name === 'side by side') await tab.getByText('Side by side').click();
          if (name === 'list') await tab.locator('.command summary').first().click();
          await tab
            .locator(name === 'list' ? '.finding' : 'canvas.timeline')
            .first()
            .waitFor();
          await tab.screenshot({
            path: join(pictures, `${name.replaceAll(' ', '-')}-${width}-whole.png`),
            fullPage: true,
          });
          await tab.evaluate(axe);
          const { violations } = await tab.evaluate<{ violations: AxeViolation[] }>(
            "axe.run('main', { resultTypes: ['violations'] })",
          );
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
          expect
            .soft(serious.map(({ id, nodes }) => `${name} ${width} ${colorScheme}, ${id}: ${nodes[0]?.html}`))
            .toEqual([]);
        }
      }
    });
  },
);

type AxeViolation = { id: string; impact: string; nodes: { html: string }[] };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One tab for all tests: it is blank between them, so that each sees the page as it opens. */
async function open(at = url) {
  const complaints: string[] = [];
  const requests: string[] = [];
  shared.on('console', (message) => complaints.push(message.text()));
  shared.on('pageerror', (error) => complaints.push(error.message));
  shared.on('request', (request) => requests.push(request.url()));
  onTestFinished(() => void shared.removeAllListeners());
  await shared.setViewportSize({ width: 1440, height: 900 });
  await shared.emulateMedia({ colorScheme: 'light' });
  await shared.goto('about:blank');
  await shared.goto(at);
  return { tab: shared, complaints, requests };
}

const picture = (tab: Tab): Promise<string> =>
  tab.evaluate(`document.querySelector('canvas.timeline').toDataURL()`);

const hostile = '<img src=x onerror="document.title=\'broken into\'"> & </script>';
const first: FindingHead = {
  ...{
    id: '000000000001',
    title: hostile,
    impact: 'crash',
    impactWords: 'Crash',
    reach: 'guest',
    reachWords: 'Reachable by the guest alone',
  },
  ...{ rule: 'crash/signal', status: 'new', steps: 1, reproduced: { ok: 3, of: 3 }, met: 1, detail: 0 },
  affected: [
    { version: '10.0.13', flavour: 'daemon', label: '10.0.13', outcome: 'shows', words: '3/3' },
    { version: '7.2.22', flavour: 'system', label: '7.2.22', outcome: 'does-not-show', words: 'no, 0/3' },
  ],
};
const page: Page = {
  ...{
    title: 'hunt.json',
    verdict: { is: 'fail', words: '3 findings', why: ['100 of 100 sequences were judged.'] },
  },
  facts: [['QEMU', '11.1.3 system']],
  findings: [
    first,
    { ...first, id: '000000000002', title: 'a hang', impact: 'hang', impactWords: 'Hang', status: 'known' },
    { ...first, id: '000000000003', title: 'another crash' },
  ],
  coverage: {
    statuses: ['none', 'running'],
    verbs: [{ name: 'job-pause', cells: [{ accepted: 0, refused: 3 }, null] }],
    others: [],
  },
  transitions: { from: ['running'], to: ['paused'], cells: [[{ times: 2, isAllowed: true }]] },
  byVersion: ['7.2.22', '11.1.3'].map((version) => ({
    version,
    coverage: {
      statuses: ['none', 'running'],
      verbs: [{ name: 'job-pause', cells: [{ accepted: 1, refused: 0 }, null] }],
      others: [],
    },
    transitions: { from: ['running'], to: ['paused'], cells: [[null]] },
    values: [{ command: 'job-pause', outcomes: [{ outcome: 'ok', times: 5 }], values: [] }],
    rules: [{ rule: 'crash/signal', held: 4, broken: 0, undecided: 0, why: '' }],
  })),
  values: [
    {
      ...{ command: 'job-pause', outcomes: [{ outcome: 'ok', times: 1 }] },
      values: [{ argument: 'id', kind: hostile, accepted: 1, refused: 0 }],
      never: { outcomes: [hostile], values: [{ argument: 'id', kinds: ['empty text', 'long text'] }] },
    },
    { command: 'job-resume', outcomes: [], values: [], never: { outcomes: ['ok'], values: [] } },
  ],
  history: [{ atMs: 1000, sequences: 10, features: 5, findings: 1 }],
  comparisons: [
    { title: 'a', subject: 'reply to job-pause', rows: [{ on: '7.2.22', value: 'ok' }], detail: 1 },
  ],
  rules: [
    {
      rule: 'crash/signal',
      statement: 'No command ends QEMU by a signal.',
      held: 9,
      broken: 1,
      undecided: 2,
      why: 'version (2)',
    },
  ],
  items: [{ name: 'scenario/a', verdict: 'fail', ok: 0, of: 3, reason: 'crash', qemu: '11.1.3' }],
  notes: [],
};
const trace = longTrace(20_000);
const detail: Detail = {
  ...{
    statement: 'No command ends QEMU by a signal.',
    source: 'we expect it',
    seen: ['SIGSEGV'],
    before: ['Disk src: raw, 1 MiB.'],
    done: ['job-pause.'],
  },
  timeline: timelineOf(trace, [{ line: trace.length - 1, rule: 'crash/signal', words: 'SIGSEGV' }]),
  map: {
    ...{ of: 'f0, in the end', sizeBytes: 1024, more: 0, isPart: false },
    holds: [
      { offsetBytes: 0, lengthBytes: 512, tone: 'initial', text: 'what src was made with' },
      { offsetBytes: 512, lengthBytes: 512, tone: 'zero', text: 'zeroes', isWrong: true },
    ],
    due: [{ offsetBytes: 0, lengthBytes: 1024, tone: 'initial', text: 'what src was made with' }],
    wrong: [{ offsetBytes: 512, lengthBytes: 512, words: '512+512 holds zero, not src:0' }],
  },
  ablation: { about: 'On 11.1.3.', rows: [{ what: 'sync=full', shows: '0 of 5', verdict: 'decisive' }] },
  stacks: [{ head: 'gdb, QEMU 11.1.3', lines: ['SIGSEGV', '#0  job_pause'] }],
  texts: [{ name: 'block', about: 'For bash', text: 'echo "<b>"\n' }],
  notes: [],
};

const moment = { line: 3, rule: 'reply to job-pause', words: 'ok', is: 'difference' as const };
const shortLine = timelineOf(longTrace(40), [moment]);
const beside: Detail = {
  ...{ seen: [], before: [], done: [], stacks: [], texts: [], notes: [] },
  sideBySide: {
    runs: ['7.2.22', '11.1.3'].map((on) => ({ on, timeline: shortLine })),
    differences: [{ subject: 'reply to job-pause', what: 'outcome', step: 1, values: ['ok', 'error'] }],
  },
};

function longTrace(length: number): Trace {
  const events = Array.from({ length: length - 4 }, (_, i): Trace[number] => ({
    ...{ us: 1000 + i * 50, kind: 'event', name: 'JOB_STATUS_CHANGE', qemuUs: 0 },
    data: { id: `j${i % 3}`, status: i % 2 === 0 ? 'running' : 'paused' },
  }));
  const endUs = 1000 + length * 50;
  return [
    {
      ...{ us: 0, kind: 'opened', schema: 1, tool: { name: 'mirrorfuzz', version: '0' } },
      qemu: { label: '11.1.3', version: '11.1.3', flavour: 'daemon' },
      ...{ startedAt: '', session: { sequencesBefore: 0 }, roundTripUs: 1 },
      sequence: { schema: 1, title: 'a', arena: { disks: [] }, steps: [{ qmp: 'query-jobs' }] },
    },
    { us: 900, kind: 'phase', phase: 'steps' },
    { us: 950, kind: 'step', step: 0 },
    ...events,
    { us: endUs, kind: 'exit', code: null, signal: 'SIGSEGV', asked: false },
  ];
}
