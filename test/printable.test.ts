import { describe, expect, test } from 'vitest';
import {
  markdownCell,
  markdownText,
  printable,
  printableJson,
  printableLines,
  printableOnTerminal,
} from '../src/printable.ts';

test.each([
  ['two\nlines\r\n', 'two\\nlines\\r\\n'],
  ['\u001b[2J\u0007\u009b\u007f\u0000', '\\x1b[2J\\x07\\x9b\\x7f\\x00'],
  ['\u202egnp.exe\u2066\u200b\ufeff\u2028', '\\u202egnp.exe\\u2066\\u200b\\ufeff\\u2028'],
  ['\ud800 and \udfff', '\\ud800 and \\udfff'],
  ['a tag \u{e0041}', 'a tag \\u{e0041}'],
  ['Grüße, 中文, 😀, a\\b', 'Grüße, 中文, 😀, a\\b'],
])('what is not simply seen is written out: %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('of several lines only the newlines stay', () => {
  expect(printableLines('a\r\nb\u001b[31mc')).toBe('a\\r\nb\\x1b[31mc');
});

test('a terminal gets newlines and colours, and nothing else that it acts on', () => {
  expect(printableOnTerminal('\u001b[31mFAIL\u001b[39m\n\u001b[2J\u001b]0;x\u0007\u001b[?25l')).toBe(
    '\u001b[31mFAIL\u001b[39m\n\\x1b[2J\\x1b]0;x\\x07\\x1b[?25l',
  );
});

test('JSON means the same, and its layout stays', () => {
  const value = { 'a\u009b': ['\u202e', '\u007f', '\u{e0041}', '\ud800', 'é😀', '\n'] };
  const text = printableJson(JSON.stringify(value, null, 2));
  expect(JSON.parse(text)).toEqual(value);
  expect(text.split('\n')).toHaveLength(10);
  expect(printable(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''));
});

describe('as Markdown', () => {
  test.each([
    ['`code` *bold* __bold__ ~~x~~', '\\`code\\` \\*bold\\* \\_\\_bold\\_\\_ \\~\\~x\\~\\~'],
    ['[a](b) ![a](b) [a]: b [a][b]', '[a\\](b) ![a\\](b) [a\\]: b [a\\][b]'],
    ['<img src=x> </p> <!-- <https://a.b>', '\\<img src=x> \\</p> \\<!-- \\<https://a.b>'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['* item', '\\* item'],
    ['1. item', '1\\. item'],
    ['>quote', '\\>quote'],
    ['===', '\\==='],
    ['&lt; & &#27;', '\\&lt; & \\&#27;'],
    ['a\n# head', 'a\\\\n# head'],
  ])('nothing of %j is markup', (text, shown) => {
    expect(markdownText(text)).toBe(shown);
  });

  test('what is none stays readable', () => {
    const plain = 'buf_size of block/mirror.c, 7.2.22: 2 * -5 <= s->buf[0] || a & b > 0';
    expect(markdownText(plain)).toBe(plain);
  });

  test('a cell does not end early', () => {
    expect(markdownCell('a | b')).toBe('a \\| b');
  });
});
