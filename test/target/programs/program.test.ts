import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { listQemu, resolveQemu } from '../../../src/target/programs/binary.ts';
import { script } from '../fake-qemu.ts';
import { temporaryDir } from '../temporary.ts';

vi.mock('../../../src/target/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../../src/target/limits.ts')>();
  return { limits: { ...limits, versionDeadlineMs: 1_000 } };
});

test('a wrapper that hangs on --version costs one deadline, however often it is asked, and is told in one line', async () => {
  const dir = temporaryDir();
  const asked = join(dir, 'asked');
  const wrapper = script(join(dir, 'qemu-system-x86_64'), `echo once >> ${asked}; sleep 600`);
  vi.stubEnv('PATH', `${dir}:/usr/bin:/bin`);
  const begin = performance.now();
  const refusal = {
    name: 'UsageError',
    message: `${wrapper} hangs: --version is not answered within 1 s (it says nothing)`,
  };
  await expect(resolveQemu(undefined)).rejects.toMatchObject(refusal);
  await expect(resolveQemu(wrapper)).rejects.toMatchObject(refusal);
  await expect(resolveQemu(dir)).rejects.toMatchObject(refusal);
  await listQemu();
  vi.unstubAllEnvs();
  expect(readFileSync(asked, 'utf8')).toBe('once\n');
  expect(performance.now() - begin).toBeLessThan(2_000);
});
