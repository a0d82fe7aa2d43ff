import { createHash, randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Detail, Page } from '../../../src/page/model.ts';
import { pageHtml } from '../../../src/report/page/html.ts';

const page: Page = {
  title: '</title><script>x</script>',
  verdict: { is: 'fail', words: '1', why: [] },
  facts: [],
  findings: [],
  notes: [],
};
const detail: Detail = { seen: ['</script><!--'], before: [], done: [], stacks: [], texts: [], notes: [] };
const assets = { script: 'go()', style: 'p{}' };

test('nothing in a page is markup but its own; only its own script and style may be used', () => {
  const html = pageHtml([page], [detail], assets);
  expect(html.match(/<script/g)).toHaveLength(4);
  expect(html.match(/<\/title>/g)).toHaveLength(1);
  const hash = createHash('sha256').update('go()').digest('base64');
  expect(html).toContain(`default-src 'none'; script-src 'sha256-${hash}'`);
  expect(html).not.toMatch(/https?:\/\/|unsafe/);
});

test('details come out as they went in', () => {
  const html = pageHtml([page], [detail], assets);
  expect(unpacked(html, 0)).toEqual(detail);
});

test('details too large for one page lose their timelines, which the page and they themselves say', () => {
  const noise = (): string => randomBytes(900_000).toString('base64');
  const large = (): Detail => ({
    ...detail,
    timeline: {
      endUs: 1,
      phases: [],
      lanes: [],
      moments: [],
      lines: [{ us: 0, text: '', raw: noise() }],
    },
  });
  const html = pageHtml([page], [large(), large(), large(), large(), large(), large()], assets);
  expect(html.length).toBeLessThan(5e6);
  expect(unpacked(html, 0).timeline).toBeDefined();
  expect(unpacked(html, 5).timeline).toBeUndefined();
  expect(unpacked(html, 5).notes.join()).toContain('left out');
  expect(html).toMatch(/[1-4] of 6 findings, the last of the list, stand here without their timelines/);
});

test('details share what they have in common, and are unpacked one by one all the same', () => {
  const common = randomBytes(20_000).toString('base64');
  const each = (i: number): Detail => ({
    ...detail,
    texts: [{ name: `${i} ✗`, about: '', text: common }],
  });
  const details = Array.from({ length: 20 }, (_, i) => each(i));
  const html = pageHtml([page], details, assets);
  expect(html.length).toBeLessThan(3 * common.length);
  for (const [i, made] of details.entries()) expect(unpacked(html, i)).toEqual(made);
});

test('a page is ASCII, and its words are what they were', () => {
  const title = 'broken ✗ 😀';
  const html = pageHtml([{ ...page, title }], [], { ...assets, script: "say('✗')" });
  expect(html).toMatch(/^[\0-\x7f]*$/);
  expect(html).toContain('<title>broken &#10007; &#128512; - mirrorfuzz</title>');
  expect(html).toContain("say('\\u2717')");
  const stored = JSON.parse(/id="page">([^<]*)</.exec(html)?.[1] ?? '') as { pages: Page[] };
  expect(stored.pages[0]?.title).toBe(title);
});

/** As the page's script unpacks it. */
function unpacked(html: string, index: number): Detail {
  const [, bytes, dictionary = ''] = /id="dictionary" data-bytes="(\d+)">([^<]*)</.exec(html) ?? [];
  const line = /id="details">([^<]*)</.exec(html)?.[1]?.split('\n')[index] ?? '';
  const whole = inflateRawSync(
    Buffer.concat([dictionary, line].map((base64) => Buffer.from(base64, 'base64'))),
  );
  return JSON.parse(whole.subarray(Number(bytes)).toString());
}

test('the first picture is the verdict as text, whatever is in it', () => {
  const hostile = '"><img src=x onerror=alert(1)> & ✗';
  const html = pageHtml(
    [{ ...page, title: hostile, verdict: { is: 'fail', words: hostile, why: [hostile] } }],
    [],
    assets,
  );
  const picture = /<div id="root">(.*?)<noscript>/s.exec(html)?.[1] ?? '';
  const asText = '&quot;&gt;&lt;img src=x onerror=alert(1)&gt; &amp; &#10007;';
  expect(picture.split(asText)).toHaveLength(5);
  expect(picture).not.toContain('<img');
});
