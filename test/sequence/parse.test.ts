import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { file, mistakes } from './mistakes.ts';

test('a sequence is read as it is written', () => {
  const sequence = parseSequence(
    file({ steps: ['{ "qmp": "quit" }', '{ "pause": 1 }'], rest: ',"after": [{ "check": "src" }]' }),
    'a.json',
  );
  expect(sequence).toEqual({
    schema: 1,
    title: 'a title',
    arena: { disks: [{ name: 'src', format: 'qcow2', sizeBytes: 1048576 }] },
    steps: [{ qmp: 'quit' }, { pause: 1 }],
    after: [{ check: 'src' }],
  });
});

test('a byte order mark, as some editors write it, is no mistake', () => {
  expect(parseSequence(`\uFEFF${file()}`, 'a.json').title).toBe('a title');
});

test('a newDisk of an earlier step may be named in what is claimed afterwards', () => {
  const text = file({
    steps: ['{ "qmp": "x", "args": { "target": { "newDisk": "dst" } } }'],
    rest: ',"after": [{ "same": ["src", "dst"] }]',
  });
  expect(parseSequence(text, 'a.json').after).toEqual([{ same: ['src', 'dst'] }]);
});

test.each(mistakes)('%s is told with file, line and field', (_what, text, complaint) => {
  expect(complaintAbout(text)).toContain(complaint);
  expect(complaintAbout(text)).not.toContain('\n');
});

function complaintAbout(text: string): string {
  try {
    parseSequence(text, 'a.json');
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  throw new Error('it was read without a complaint');
}
