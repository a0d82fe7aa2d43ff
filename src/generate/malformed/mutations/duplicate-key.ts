import type { TextMutation } from '../draft.ts';
import { plainText } from '../plain-text.ts';

/** A member that stands twice: with the same value, or another. QEMU refuses to choose. */
export const duplicateKey: TextMutation = {
  apply(draw, draft, { situation }) {
    const name = draw.anyOf(Object.keys(draft.args));
    const text = plainText(draft, situation);
    if (name === undefined || text === undefined) return undefined;
    const again = `${JSON.stringify(name)}: ${draw.oneOf(['"dst"', '1', 'null', '{}'])}`;
    const doubled = draw.chance(0.8)
      ? text.replace('"arguments": {', `"arguments": {${again}, `)
      : text.replace('{', `{"execute": ${JSON.stringify(draft.command)}, `);
    return { raw: `${doubled}\n` };
  },
};
