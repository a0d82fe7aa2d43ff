import type { Detail, Page } from '../model.ts';

/** What the page was made with: a part for each source. */
export const readPages = (): Page[] => JSON.parse(textOf('page')) as Page[];

/** A detail, unpacked when it is first asked for. */
export function readDetail(index: number): Promise<Detail> {
  const known = details.get(index) ?? unpack(textOf(`detail-${index}`));
  details.set(index, known);
  return known;
}

const details = new Map<number, Promise<Detail>>();

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? '';

async function unpack(base64: string): Promise<Detail> {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(stream).text()) as Detail;
}
