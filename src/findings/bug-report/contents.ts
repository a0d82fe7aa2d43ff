import { type ContentFact, type HeldContent, heldWords } from '../../judge/facts/content.ts';

/** What an image, or the guest's disk, holds instead of what is due, for somebody who does not know our notation. */
export function contentSentences({ of, wrong, more }: ContentFact): string {
  const whose =
    'image' in of
      ? `of ${of.image}${of.when === '' ? '' : `, ${of.when},`}`
      : `that the guest reads of ${of.disk}`;
  const ranges = wrong.map(({ offsetBytes, lengthBytes, holds, due }) => {
    const bytes =
      lengthBytes === 1 ? `Byte ${offsetBytes}` : `Bytes ${offsetBytes} to ${offsetBytes + lengthBytes - 1}`;
    const wanted =
      due.length > 3 ? `any of the ${due.length} contents that are due` : due.map(held).join(' or ');
    return `${bytes} ${whose} ${lengthBytes === 1 ? 'holds' : 'hold'} ${held(holds)}, not ${wanted}.`;
  });
  return [...ranges, ...(more > 0 ? [`And ${more} more ranges.`] : [])].join(' ');
}

function held(content: HeldContent): string {
  const { origin, by } = content;
  if (by) return heldWords(content);
  if (origin === 'zero') return 'zeroes';
  const made = /^([\w.-]+):0(?:@|$)/.exec(origin)?.[1];
  return made === undefined || origin.startsWith('byte:') ? origin : `the initial data of ${made}`;
}
