import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inProcess as mirrorfuzz } from './in-process.ts';

const root = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'mf-report-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('without --html a store is a summary, and exits with 0', async () => {
  const { code, stdout } = await mirrorfuzz(['report', '--findings', join(root, 'findings')]);
  expect(stdout).toMatch(/: \d\d findings\n/);
  expect(stdout).toContain('cf1ac77f89df  Data loss. Reachable by valid commands.');
  expect(code).toBe(0);
});

test('a finding, a trace and a result stand in one page, in one file', async () => {
  const result = join(dir, 'hunt.json');
  const html = join(dir, 'page.html');
  writeFileSync(result, JSON.stringify(hunted));
  const finding = join(root, 'findings/cf1ac77f89df');
  const { code, stdout } = await mirrorfuzz([
    'report',
    finding,
    join(finding, 'trace.jsonl'),
    result,
    '--html',
    html,
  ]);
  expect(stdout).toMatch(/page\.html: \d+ kB/);
  expect(code).toBe(0);
  const text = readFileSync(html, 'utf8');
  const { pages } = JSON.parse(/id="page">(.*)<\/script>/.exec(text)?.[1] ?? '');
  expect(pages).toMatchObject([
    { findings: [{ id: 'cf1ac77f89df', detail: 0 }] },
    { verdict: { is: 'fail' }, trace: { detail: 1 } },
    {
      verdict: { is: 'fail', words: '1 finding' },
      findings: [{ id: '0123456789ab', note: expect.stringContaining('No more of it is here') }],
    },
  ]);
});

test('what is none of these is refused by name', async () => {
  const file = join(dir, 'other.json');
  writeFileSync(file, '{"schema": 1, "findings": 3}');
  expect(await mirrorfuzz(['report', file])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('other.json: tool:'),
  });
  expect(await mirrorfuzz(['report', join(dir, 'none.json')])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no such file'),
  });
});

const hunted = {
  schema: 1,
  tool: { name: 'mirrorfuzz', version: '0.1.0' },
  findings: [{ id: '0123456789ab', kind: 'crash', rule: 'crash/signal', title: 'x' }],
  verdict: 'fail',
};
