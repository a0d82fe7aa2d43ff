import type { Detail, Page } from '../model.ts';
import { pagesOf, type StoredPages } from '../shared-cells.ts';

/** What the page was made with: a part for each source. */
export const readPages = (): Page[] => pagesOf(JSON.parse(textOf('page')) as StoredPages);

/** A detail, unpacked when it is first asked for. */
export function readDetail(index: number): Promise<Detail> {
  const known = details.get(index) ?? read(index);
  details.set(index, known);
  return known;
}

const details = new Map<number, Promise<Detail>>();

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? '';

/** Details stand below the script: the first picture is drawn before they are there. */
async function read(index: number): Promise<Detail> {
  await isWhole;
  lines ??= textOf('details').split('\n');
  return unpack(lines[index] ?? '');
}

/** A detail a line. */
let lines: string[] | undefined;

const isWhole = new Promise<void>((done) => {
  if (document.readyState === 'loading')
    document.addEventListener('DOMContentLoaded', () => done(), { once: true });
  else done();
});

/** What findings have in common stands once, and is unpacked before each. */
async function unpack(base64: string): Promise<Detail> {
  const shared = document.getElementById('dictionary');
  const parts = [shared?.textContent ?? '', base64].map(bytesOf);
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = await new Response(stream).arrayBuffer();
  return JSON.parse(new TextDecoder().decode(bytes.slice(Number(shared?.dataset.bytes)))) as Detail;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
