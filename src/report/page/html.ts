import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Detail, Page } from '../../page/model.ts';
import { storedPages } from '../../page/shared-cells.ts';
import { limits } from '../limits.ts';

export type Assets = { script: string; style: string };

/**
 * The page as one file. It may load nothing and run nothing but the script in it, by its hash; data stands in JSON that
 * no parser of HTML takes for more. Details are packed each by itself, and unpacked when they are looked at; they stand
 * last, so that the list is drawn before they are read.
 */
export function pageHtml(
  pages: readonly Page[],
  details: readonly Detail[],
  { script, style }: Assets,
): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { pages: shown, packed } = fitted(pages, details);
  const title = shown.map((page) => page.title).join(', ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${markupText(`${title} - mirrorfuzz`)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page draws itself by the script in it, which this browser does not run. "mirrorfuzz report" without --html prints a summary.</noscript>
<div id="root"></div>
<script type="application/json" id="page">${island(storedPages(shown))}</script>
<script>${script}</script>
${packed.map((each, i) => `<script type="text/plain" id="detail-${i}">${each}</script>`).join('\n')}
</body>
</html>
`;
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** JSON that holds neither an end of a script element nor a comment. */
export const island = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const markupText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const packedOf = (detail: Detail): string =>
  deflateRawSync(JSON.stringify(detail), { level: 9 }).toString('base64');

/**
 * Details as base64 of a raw deflate. Where all of them are too much for one page, the last findings' lose their
 * timelines, which the page says of each.
 */
function fitted(
  pages: readonly Page[],
  details: readonly Detail[],
): { pages: readonly Page[]; packed: string[] } {
  let sum = 0;
  let cut = 0;
  const packed = details.map((detail) => {
    const whole = packedOf(detail);
    if (details.length === 1 || sum + whole.length <= limits.pageBytesMax) {
      sum += whole.length;
      return whole;
    }
    cut++;
    const { timeline: _, ...rest } = detail;
    const less = packedOf({ ...rest, texts: [], notes: [...rest.notes, cutNote] });
    sum += less.length;
    return less;
  });
  const note = `${cut} of ${details.length} findings, the last of the list, stand here without their timelines and scripts: the page would be larger than ${limits.pageBytesMax / 1e6} MB.`;
  const noted = pages.map((page, i) => (i === 0 ? { ...page, notes: [...page.notes, note] } : page));
  return { pages: cut === 0 ? pages : noted, packed };
}

const cutNote =
  'Its timeline and scripts are left out, for the size of this page: give mirrorfuzz report this finding alone.';
