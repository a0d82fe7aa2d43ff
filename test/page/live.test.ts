import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium as playwright, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { putFinding, served, standInHunt } from '../serve/a-lab.ts';
import { chromium } from './chromium.ts';

const program = chromium();
/** What people look at after a run of the tests; in .gitignore. */
const pictures = join(import.meta.dirname, '../../coverage/page');
const hostile = '<img src=x onerror="document.title=\'broken into\'">';
const dir = mkdtempSync(join(tmpdir(), 'mf-live-'));
let browser: Browser;

describe.skipIf(program === undefined)(
  `the live page in Chromium${program ? '' : ' (skipped: no chromium on PATH)'}`,
  () => {
    beforeAll(async () => {
      mkdirSync(pictures, { recursive: true });
      // As root Chromium has no sandbox of its own.
      browser = await playwright.launch({ executablePath: program as string, args: ['--no-sandbox'] });
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(dir, { recursive: true, force: true });
    });

    test('while a hunt runs numbers move, a finding appears without reload, and its title is text', async () => {
      const { url, store } = await served();
      standInHunt(store);
      putFinding(store, '000000000001', 'the first');
      const { tab, complaints } = await open(url);
      await tab.locator('.finding').first().waitFor();
      await tab.evaluate('globalThis.isStillTheSame = true');
      const before = await sequences(tab);
      await expect.poll(() => sequences(tab), { timeout: 20_000 }).toBeGreaterThan(before);
      await tab.getByLabel('Search').fill('img');
      await tab.locator('.count', { hasText: '0 of 1 shown' }).waitFor();
      putFinding(store, '000000000002', hostile);
      await tab.locator('.finding.fresh').waitFor();
      expect(await tab.locator('.finding .title').textContent()).toBe(hostile);
      expect(await tab.getByLabel('Search').inputValue()).toBe('img');
      await tab.getByText('2 findings, 1 running').waitFor();
      await tab.locator('.finding .title').click();
      await tab.locator('canvas.timeline').waitFor();
      expect(await tab.locator('h1').textContent()).toBe(hostile);
      expect(await tab.locator('img').count()).toBe(0);
      expect(await tab.title()).toBe('mirrorfuzz: live');
      expect(await tab.evaluate('isStillTheSame')).toBe(true);
      expect(complaints).toEqual([]);
    });

    test('a server that comes back is found again, and what changed meanwhile is shown', async () => {
      const first = await served();
      putFinding(first.store, '000000000001', 'the first');
      const { tab } = await open(first.url);
      await tab.locator('.link.open').waitFor();
      await first.close();
      await tab.locator('.link.lost').waitFor();
      putFinding(first.store, '000000000002', 'the second');
      await served({ store: first.store, port: Number(new URL(first.url).port) });
      await tab.locator('.finding.fresh').waitFor();
      expect(await tab.locator('.link').textContent()).toBe('● live');
    });

    test('a link with a token opens the page, and leaves the token nowhere', async () => {
      const token = '0123456789abcdef';
      const { url } = await served({ token });
      const { tab } = await open(`${url}#token=${token}`);
      await tab.locator('.link.open').waitFor();
      expect(tab.url()).toBe(url);
      expect(await tab.evaluate('document.cookie')).toBe('');
      const other = await open(url);
      await other.tab.getByLabel('Token').fill('another-token-0123');
      await other.tab.getByRole('button').click();
      await other.tab.getByText('That is not the token.').waitFor();
      await other.tab.getByLabel('Token').fill(token);
      await other.tab.getByRole('button').click();
      await other.tab.locator('.link.open').waitFor();
    });

    test('with what has the focus and what is scrolled to left alone, a finding comes in above it', async () => {
      const { url, store } = await served();
      for (let i = 1; i < 40; i++) putFinding(store, `${i}`.padStart(12, '0'), `finding ${i}`);
      const { tab } = await open(url);
      await tab.locator('.finding').nth(5).locator('.title').focus();
      const focused = await tab.evaluate('document.activeElement.textContent');
      putFinding(store, '00000000000a', 'another');
      await tab.getByText('40 shown').waitFor();
      expect(await tab.evaluate('document.activeElement.textContent')).toBe(focused);
    });

    test.each([
      [360, 'dark'],
      [1440, 'light'],
    ] as const)(
      '%s px, %s: nothing is wider than the screen, and axe finds nothing serious',
      async (width, colorScheme) => {
        const { url, store } = await served();
        standInHunt(store);
        standInHunt(store, { pid: 8, state: 'ended' });
        putFinding(store, '000000000001', 'the first');
        const { tab } = await open(url, { width, colorScheme });
        await tab.locator('.finding').first().waitFor();
        await tab.locator('.heat').waitFor();
        expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
        await tab.screenshot({ path: join(pictures, `live-${width}-${colorScheme}.png`), fullPage: true });
        // A policy that forbids strings as scripts holds for the test's own, too: it comes by the browser's debugger.
        await tab.evaluate(axe);
        const { violations } = await tab.evaluate<{ violations: AxeViolation[] }>('axe.run()');
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      },
    );
  },
);

type AxeViolation = { id: string; impact: string; nodes: { html: string }[] };
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const sequences = async (tab: Tab): Promise<number> =>
  Number(await tab.locator('.figures div', { hasText: 'sequences' }).first().locator('dd').textContent());

async function open(at: string, { width = 1440, colorScheme = 'light' as 'light' | 'dark' } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  onTestFinished(() => context.close());
  const tab = await context.newPage();
  const complaints: string[] = [];
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(error.message));
  await tab.goto(at);
  return { tab, complaints };
}
