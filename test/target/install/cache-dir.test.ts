import { chownSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cacheDir } from '../../../src/target/install/cache-dir.ts';
import { temporaryDir } from '../temporary.ts';

vi.mock('node:os', async (original) => {
  const os = await original<typeof import('node:os')>();
  return { ...os, userInfo: vi.fn(os.userInfo) };
});

test('the cache follows XDG_CACHE_HOME, and ignores a relative one as the specification says', () => {
  expect(cacheDir({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/mirrorfuzz');
  expect(cacheDir({ XDG_CACHE_HOME: 'relative' })).toBe(cacheDir({}));
});

test('without HOME the cache is where the password file says, and never below the current directory', () => {
  const home = userInfo().homedir;
  for (const env of [{}, { HOME: '' }, { HOME: 'relative' }])
    expect(cacheDir(env)).toBe(join(home, '.cache/mirrorfuzz'));
  expect(cacheDir({ HOME: '/home/me' })).toBe('/home/me/.cache/mirrorfuzz');
});

test('a user with neither HOME nor an entry in the password file has it in the temporary directory', () => {
  vi.mocked(userInfo).mockImplementation(() => {
    throw new Error('ENOENT: no such file or directory, uv_os_get_passwd');
  });
  const base = temporaryDir();
  const dir = join(base, `mirrorfuzz-cache-${process.getuid?.()}`);
  expect(cacheDir({ TMPDIR: base })).toBe(dir);
  mkdirSync(dir);
  expect(cacheDir({ TMPDIR: base })).toBe(dir);
  // Programs are started from there: what somebody else has made may hold anything.
  if (process.getuid?.() !== 0) return;
  chownSync(dir, 12_345, 12_345);
  expect(cacheDir({ TMPDIR: base })).toBe(`${dir}-${process.pid}`);
});
