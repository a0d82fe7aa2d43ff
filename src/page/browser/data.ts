import type { Detail, Page } from '../model.ts';
import { pagesOf, type StoredPages } from '../shared-cells.ts';

/** What the page was made with: a part for each source. */
export const readPages = (): Page[] => pagesOf(JSON.parse(textOf('page')) as StoredPages);

/** A detail, unpacked when it is first asked for. */
export function readDetail(index: number): Promise<Detail> {
  const known = details.get(index) ?? read(`detail-${index}`);
  details.set(index, known);
  return known;
}

const details = new Map<number, Promise<Detail>>();

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? '';

/** Details stand below the script: the first picture is drawn before they are there. */
async function read(id: string): Promise<Detail> {
  await isWhole;
  return unpack(textOf(id));
}

const isWhole = new Promise<void>((done) => {
  if (document.readyState === 'loading')
    document.addEventListener('DOMContentLoaded', () => done(), { once: true });
  else done();
});

async function unpack(base64: string): Promise<Detail> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text()) as Detail;
}
