import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';

/** Commands in other packets than they were meant to be in: cut anywhere, glued together, glued to what is none. */
export function split(draw: Draw, commands: readonly [string, ...string[]]): Step[] {
  const first = draw.oneOf(commands);
  const second = draw.oneOf(commands);
  const at = draw.int(1, first.length - 1);
  return draw.oneOf<Step[]>([
    [{ raw: first, splitAt: cuts(draw, first) }],
    [{ raw: `${first.trimEnd()}${second}`, splitAt: cuts(draw, first) }],
    [{ raw: [first.slice(0, at)], resync: false }, { raw: [first.slice(at), second] }],
    [{ raw: [first.slice(0, at)], resync: false }, { pause: draw.int(0, 5) }, { raw: first.slice(at) }],
    // Never finished: what ends it is 0xFF.
    [{ raw: first.slice(0, at) }],
    [{ raw: first.slice(0, at) + second }],
    [{ raw: `${first.trimEnd()}${draw.oneOf(garbage)}${second}` }],
    [{ raw: `${draw.oneOf(garbage)}${first}` }],
    [{ raw: Array.from({ length: draw.int(2, 20) }, () => first.trimEnd()) }],
  ]);
}

const garbage: readonly [string, ...string[]] = [
  '}',
  ']',
  ',',
  ':',
  '"',
  "'",
  '\\',
  'x',
  '0',
  'true',
  '\r\n\r\n',
  '{',
  '[',
];

function cuts(draw: Draw, text: string): number[] {
  return draw.chance(0.1)
    ? Array.from({ length: text.length - 1 }, (_, i) => i + 1)
    : Array.from({ length: draw.int(1, 4) }, () => draw.int(1, text.length));
}
