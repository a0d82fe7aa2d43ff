import { expect, test } from 'vitest';
import { without } from './hidden-path.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';

test('without gdb and valgrind explain says what installs them, and exits 3', async () => {
  const { code, stdout, stderr } = await mirrorfuzz(
    ['findings', 'explain', '4ea3'],
    without('gdb', 'valgrind'),
  );
  expect(stderr).toMatch(
    /^mirrorfuzz: gdb and valgrind are not installed, so there is no stack to be had \(try: .*gdb\)\n$/,
  );
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
});

test('wrong data has no stack', async () => {
  const { code, stderr } = await mirrorfuzz(['findings', 'explain', 'cf1a']);
  expect(stderr).toMatch(
    /^mirrorfuzz: cf1ac77f89df is a finding of integrity: only crashes and hangs have stacks/,
  );
  expect(code).toBe(2);
});
