import type { RawPiece } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { rawLimits } from './limits.ts';

/** A command with a few characters or tokens dropped, doubled, replaced or put in, or with bytes that are no text. */
export function damaged(draw: Draw, command: string): RawPiece[] {
  let text = command;
  for (let i = draw.int(1, rawLimits.damages); i > 0; i--) {
    text = draw.chance(0.5) ? tokenDamaged(draw, text) : characterDamaged(draw, text);
  }
  if (draw.chance(0.7)) return [text];
  const at = draw.int(0, text.length);
  return [text.slice(0, at), { base64: draw.oneOf(bytes) }, text.slice(at)];
}

function characterDamaged(draw: Draw, text: string): string {
  const at = draw.int(0, text.length - 1);
  const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
  return draw.oneOf([
    before + after,
    before + here + here + after,
    before + draw.oneOf(characters) + after,
    before + draw.oneOf(characters) + here + after,
    before + String.fromCharCode(here.charCodeAt(0) ^ (1 << draw.int(0, 6))) + after,
    before,
  ]);
}

/** What JSON gives a meaning to, what other notations do, and what must not stand within a string. */
const characters: readonly [string, ...string[]] = [
  '"',
  ...[
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '/',
    '*',
    '#',
    '-',
    '+',
    '.',
    '0',
    '1',
    'e',
    'E',
    't',
    'n',
    '%',
    '`',
  ],
  ...[
    ' ',
    '\n',
    '\r',
    '\t',
    '\f',
    '\v',
    '\u0000',
    '\u0001',
    '\u001f',
    '\u007f',
    '\u0085',
    '\u00a0',
    'é',
    '😀',
  ],
];

/** Strings, words, numbers and punctuation as a JSON reader cuts them. */
function tokenDamaged(draw: Draw, text: string): string {
  const tokens = text.match(/"[^"]*"|[\w.+-]+|\s+|./gs) ?? [text];
  const at = draw.int(0, tokens.length - 1);
  const here = tokens[at] ?? '';
  const changed = draw.oneOf([
    [],
    [here, here],
    [here, ','],
    [draw.oneOf(strangeTokens)],
    [draw.oneOf(strangeTokens), here],
    [here.replaceAll('"', "'")],
    [tokens[draw.int(0, tokens.length - 1)] ?? ''],
  ]);
  return [...tokens.slice(0, at), ...changed, ...tokens.slice(at + 1)].join('');
}

const strangeTokens: readonly [string, ...string[]] = [
  'NaN',
  ...[
    'Infinity',
    '-Infinity',
    'undefined',
    'None',
    'True',
    'nul',
    '0x10',
    '01',
    '+1',
    '-',
    '1.',
    '.5',
    '1e',
    '1e400',
  ],
  ...[
    '--1',
    '123456789012345678901234567890',
    '/* comment */',
    '// comment\n',
    '# comment\n',
    '%s',
    '%p',
    '%(x)',
  ],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\uZZZZ"',
    '"\\u12"',
    '"\\x41"',
    '"\\q"',
    '"\\uffff"',
    '"\\',
  ],
  ...[
    "'\\''",
    "'\"'",
    '"\n"',
    '""',
    'null',
    'true',
    '{}',
    '[]',
    '{"a"}',
    '[,]',
    '{,}',
    '[1,]',
    '{"a":1,"a":2}',
  ],
];

/** NUL; FF; FE FF; a BOM; C3; C0 80; ED A0 80; F4 90 80 80; DEL and C1 controls. */
const bytes: readonly [string, ...string[]] = [
  'AA==',
  '/w==',
  '/v8=',
  '77u/',
  'ww==',
  'wIA=',
  '7aCA',
  '9JCAgA==',
  'f4CB',
];
