import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../errors.ts';
import type { Detail, Page } from '../page/model.ts';
import { pageOf } from '../report/page/page.ts';
import { readStore } from '../report/page/sources.ts';
import type { Trace } from '../trace/observation.ts';

/** The findings that mirrorfuzz comes with, again and again. */
export function manyFindings(count: number): { pages: Page[]; details: Detail[] } {
  const { page, details } = pageOf(ownFindings(), '');
  const made = details.map((make) => make());
  const findings = Array.from({ length: count }, (_, i) => ({
    ...(page.findings[i % page.findings.length] as Page['findings'][number]),
    id: i.toString(16).padStart(12, '0'),
    detail: i,
  }));
  return {
    pages: [{ ...page, findings }],
    details: findings.map((_, i) => made[i % made.length] as Detail),
  };
}

function ownFindings() {
  const dir = fileURLToPath(new URL('../../findings', import.meta.url));
  if (!existsSync(dir))
    throw new EnvironmentError(`the page is measured in a clone only: there is no ${dir}`);
  return readStore(dir);
}

/** The steps of the longest trace of those, again and again. */
export function longTrace(length: number): { pages: Page[]; details: Detail[] } {
  const source = ownFindings();
  const traces = source.is === 'store' ? source.findings.map(({ trace }) => trace()) : [];
  const longest = traces.reduce((a, b) => (b.length > a.length ? b : a));
  const from = longest.findIndex(({ kind }) => kind === 'step');
  const to = longest.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'settle');
  const round = longest.slice(from, to);
  const spanUs = (round.at(-1)?.us ?? 0) - (round[0]?.us ?? 0) + 1;
  const trace: Trace = [
    ...longest.slice(0, from),
    ...Array.from({ length: Math.ceil(length / round.length) }, (_, time) =>
      round.map((seen) => ({
        ...seen,
        us: seen.us + time * spanUs,
        ...('id' in seen ? { id: `${seen.id}.${time}` } : {}),
      })),
    ).flat(),
  ].slice(0, length);
  const { page, details } = pageOf({ is: 'trace', file: 'long.jsonl', trace }, '');
  return { pages: [page], details: details.map((make) => make()) };
}
