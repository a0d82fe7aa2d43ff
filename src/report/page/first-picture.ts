import type { Page } from '../../page/model.ts';
import { verdictMarks } from '../../page/verdict-marks.ts';

/**
 * What is seen before the page's script has read anything: whose page it is, and the verdict of its first part. The
 * script puts the same in its place, with all the rest. Also what a browser without scripts has to show.
 */
export function firstPicture(pages: readonly Page[]): string {
  const titles = pages.map(({ title }) => title).join(', ');
  return `<header class="top"><a class="brand" href="#">mirrorfuzz</a><span class="muted">${markupText(titles)}</span></header>
<main>${pages.slice(0, 1).map(verdictPicture).join('')}</main>`;
}

/** As src/page/browser/overview.ts draws it. */
const verdictPicture = ({ title, verdict: { is, words, why } }: Page): string =>
  `<section class="verdict ${is}"><h1><span class="mark" aria-hidden="true">${markupText(verdictMarks[is])}</span> ${markupText(words)}</h1>` +
  `<p class="muted">${markupText(title)}</p>${why.map((line) => `<p>${markupText(line)}</p>`).join('')}</section>`;

/** Text as HTML that is ASCII and that no parser takes for markup, in an element or in quotes. */
export const markupText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);
