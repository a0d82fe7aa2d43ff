import { createHash } from 'node:crypto';
import type { Detail, Page } from '../../page/model.ts';
import { storedPages } from '../../page/shared-cells.ts';
import { limits } from '../limits.ts';
import { firstPicture, markupText } from './first-picture.ts';
import { packedDetails } from './packed.ts';

export type Assets = { script: string; style: string };

/**
 * The page as one file. It may load nothing and run nothing but the script in it, by its hash; data stands in JSON that
 * no parser of HTML takes for more. What is seen first is markup, with every word as text. Details are packed each by
 * itself, and unpacked when they are looked at; they stand last, so that the list is drawn before they are read.
 */
export function pageHtml(
  pages: readonly Page[],
  details: readonly Detail[],
  { script: written, style }: Assets,
): string {
  const script = asciiScript(written);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { lines, dictionary, dictionaryBytes, cut } = packedDetails(details);
  const shown = pages.map((page, i) =>
    i === 0 && cut > 0 ? { ...page, notes: [...page.notes, cutNote(cut, details.length)] } : page,
  );
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
<div id="root">${firstPicture(shown)}</div>
<noscript>The rest of this page is drawn by the script in it, which this browser does not run. "mirrorfuzz report" without --html prints a summary.</noscript>
<script type="application/json" id="page">${island(storedPages(shown))}</script>
<script>${script}</script>
<script type="text/plain" id="dictionary" data-bytes="${dictionaryBytes}">${dictionary}</script>
<script type="text/plain" id="details">${lines.join('\n')}</script>
</body>
</html>
`;
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** JSON that holds neither an end of a script element nor a comment. */
export const island = (value: unknown): string =>
  asciiScript(JSON.stringify(value).replaceAll('<', '\\u003c'));

/** Other characters as escapes of JSON and JavaScript: of pure ASCII a browser reads megabytes several times faster. */
const asciiScript = (text: string): string =>
  text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const cutNote = (cut: number, all: number): string =>
  `${cut} of ${all} findings, the last of the list, stand here without their timelines and scripts: the page would be larger than ${limits.pageBytesMax / 1e6} MB.`;
