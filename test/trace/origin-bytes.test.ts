import { expect, test } from 'vitest';
import { originRuns } from '../../src/target/images/content-runs.ts';
import { contentBytes } from '../../src/trace/content-bytes.ts';
import { originBytes } from '../../src/trace/origin-bytes.ts';

const disks = [{ name: 'src', seedText: 'src' }];

test.each([
  ['zeroes', Buffer.alloc(1024)],
  ['one byte repeated', Buffer.alloc(1024, 65)],
  ['initial content', contentBytes('src', 8192, 1024)],
  ['what a request wrote', contentBytes('src', 8192, 1024, 7)],
  ['what belongs three sectors further on', contentBytes('src', 8192 + 3 * 512, 1024, 7)],
  ['what belongs three sectors before', contentBytes('src', 8192 - 3 * 512, 1024)],
])('%s: an origin that was read stands for the bytes that were there', (_, bytes) => {
  const [run, ...others] = originRuns(bytes, 8192, disks, 9);
  expect(others).toEqual([]);
  expect(originBytes(run?.[2] ?? 'zero', 8192, 1024, undefined)?.equals(bytes)).toBe(true);
});

test("of what is nobody's only a short piece is known whole", () => {
  expect(originBytes('unknown:0102', 0, 2, undefined)).toEqual(Buffer.from([1, 2]));
  expect(originBytes('unknown:0102', 0, 3, undefined)).toBeUndefined();
});
