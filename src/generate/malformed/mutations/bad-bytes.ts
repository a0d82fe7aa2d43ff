import type { TextMutation } from '../draft.ts';
import { plainText } from '../plain-text.ts';

/** A name that is no UTF-8: half a sequence, one that is too long, a surrogate, a byte that UTF-8 never has. */
export const badBytes: TextMutation = {
  apply(draw, draft, { situation }) {
    const text = plainText(draft, situation);
    const quote = text?.lastIndexOf('"') ?? -1;
    if (text === undefined || quote === -1) return undefined;
    const base64 = draw.oneOf(badSequences);
    return { raw: [text.slice(0, quote), { base64 }, `${text.slice(quote)}\n`] };
  },
};

/** C3 28; C0 80; E0 80 80; ED A0 80; F4 90 80 80; F8 88 80 80 80; FE; 80; C3. */
const badSequences = [
  'wyg=',
  'wIA=',
  '4ICA',
  '7aCA',
  '9JCAgA==',
  '+IiAgIA=',
  '/g==',
  'gA==',
  'ww==',
] as const;
