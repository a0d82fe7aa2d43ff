import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listQemu, resolveQemu } from '../../../src/target/programs/binary.ts';
import { parseVersion } from '../../../src/target/programs/program.ts';
import { fakeProgram, script } from '../fake-qemu.ts';
import { fakeRoot } from '../fake-root.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mirrorfuzz-binary-'));
  vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
  vi.stubEnv('PATH', `${join(dir, 'bin')}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

describe('a path', () => {
  test('to a system emulator brings the programs of its directory', async () => {
    const build = join(dir, 'build');
    const system = fakeProgram(build, 'qemu-system-x86_64', '9.2.4');
    const img = fakeProgram(build, 'qemu-img', '9.2.4');
    const daemon = fakeProgram(build, 'qemu-storage-daemon', '9.2.4');
    const target = await resolveQemu(system);
    expect(target).toMatchObject({ label: '9.2.4', version: '9.2.4', origin: 'binary', path: system });
    expect(target.img?.argv).toEqual([img]);
    expect(target.daemon?.argv).toEqual([daemon]);
  });

  test('leaves out a storage daemon of another version that happens to lie beside', async () => {
    const build = join(dir, 'build');
    const system = fakeProgram(build, 'qemu-system-x86_64', '9.2.4');
    fakeProgram(build, 'qemu-storage-daemon', '8.0.0');
    expect((await resolveQemu(system)).daemon).toBeUndefined();
  });

  test('leaves out a storage daemon that happens to lie beside and does not start', async () => {
    const build = join(dir, 'build');
    const system = fakeProgram(build, 'qemu-system-x86_64', '9.2.4');
    script(join(build, 'qemu-storage-daemon'), 'exit 1');
    expect((await resolveQemu(system)).daemon).toBeUndefined();
  });

  test("without tools beside takes PATH's", async () => {
    const img = fakeProgram(join(dir, 'bin'), 'qemu-img', '7.2.0');
    const daemon = fakeProgram(join(dir, 'build'), 'qemu-storage-daemon', '9.2.4');
    expect((await resolveQemu(daemon)).img?.argv).toEqual([img]);
  });

  test('to a wrapper script counts as what its --version says, whatever its name', async () => {
    const real = fakeProgram(join(dir, 'build'), 'qemu-storage-daemon', '9.2.4');
    const wrapper = script(join(dir, 'with-asan'), `ASAN_OPTIONS=x exec ${real} "$@"`);
    const target = await resolveQemu(wrapper);
    expect(target).toMatchObject({ origin: 'binary', version: '9.2.4', path: wrapper });
    expect(target.daemon?.argv).toEqual([wrapper]);
    expect(target.system).toBeUndefined();
  });

  test('to a directory takes what it holds', async () => {
    const build = join(dir, 'build');
    for (const name of ['qemu-system-x86_64', 'qemu-storage-daemon', 'qemu-img', 'qemu-nbd']) {
      fakeProgram(build, name, '10.0.13');
    }
    const target = await resolveQemu(build);
    expect(target).toMatchObject({ origin: 'directory', version: '10.0.13', path: build });
    expect(target.nbd?.argv).toEqual([join(build, 'qemu-nbd')]);
  });
});

describe("a tree as QEMU's build leaves it", () => {
  test('has its storage daemon one directory below, whichever of the two is named', async () => {
    const build = join(dir, 'build');
    const system = fakeProgram(build, 'qemu-system-x86_64', '9.2.4');
    const daemon = fakeProgram(join(build, 'storage-daemon'), 'qemu-storage-daemon', '9.2.4');
    const img = fakeProgram(build, 'qemu-img', '9.2.4');
    fakeProgram(join(dir, 'bin'), 'qemu-img', '7.2.0');
    for (const spec of [build, system, daemon]) {
      const target = await resolveQemu(spec);
      expect(target.system?.argv[0]).toBe(system);
      expect(target.daemon?.argv).toEqual([daemon]);
      expect(target.img?.argv).toEqual([img]);
    }
  });

  test('may have only its storage daemon built', async () => {
    const daemon = fakeProgram(join(dir, 'build/storage-daemon'), 'qemu-storage-daemon', '9.2.4');
    expect((await resolveQemu(join(dir, 'build'))).daemon?.argv).toEqual([daemon]);
  });
});

describe('a label', () => {
  test('is the version of the QEMU on PATH', async () => {
    const system = fakeProgram(join(dir, 'bin'), 'qemu-system-x86_64', '6.6.6');
    expect(await resolveQemu('6.6.6')).toMatchObject({ origin: 'path', path: system });
  });

  test('is a fetched suite, with or without debian:, or its version', async () => {
    const root = fakeRoot(join(dir, 'cache/mirrorfuzz/qemu/debian-trixie'), 'trixie', '10.0.99');
    for (const label of ['debian:trixie', 'trixie', '10.0.99']) {
      expect(await resolveQemu(label)).toMatchObject({
        label: 'debian:trixie',
        origin: 'fetched',
        path: root,
      });
    }
  });

  test('lists by version, with 10 after 7', async () => {
    fakeProgram(join(dir, 'bin'), 'qemu-system-x86_64', '7.2.22');
    for (const [suite, version] of [
      ['trixie', '10.0.13'],
      ['bullseye', '5.2.0'],
    ] as const) {
      fakeRoot(join(dir, `cache/mirrorfuzz/qemu/debian-${suite}`), suite, version);
    }
    expect((await listQemu()).map(({ version }) => version)).toEqual(['5.2.0', '7.2.22', '10.0.13']);
  });
});

describe('what can not be used is one line with a way out', () => {
  test('a suite that is not fetched names the command that fetches it', async () => {
    await expect(resolveQemu('debian:sid')).rejects.toMatchObject({
      name: 'UsageError',
      message: "--qemu debian:sid: Debian sid's QEMU 11.1 is not fetched yet",
      remedy: 'npx mirrorfuzz qemu fetch sid',
    });
  });

  test('an unknown label names the known ones', async () => {
    fakeProgram(join(dir, 'bin'), 'qemu-system-x86_64', '6.6.6');
    await expect(resolveQemu('3.1.4')).rejects.toMatchObject({
      name: 'UsageError',
      message: '--qemu 3.1.4: neither a path nor a known label',
      remedy: expect.stringContaining('6.6.6'),
    });
  });

  test('a path that is not there', async () => {
    await expect(resolveQemu(join(dir, 'nothing'))).rejects.toMatchObject({
      name: 'UsageError',
      message: `--qemu ${dir}/nothing: no such file or directory`,
    });
  });

  test('a file that is not executable', async () => {
    const file = join(dir, 'notes');
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    await expect(resolveQemu(file)).rejects.toMatchObject({
      name: 'UsageError',
      message: `--qemu ${file}: not executable`,
    });
  });

  test('a directory without QEMU', async () => {
    await expect(resolveQemu(dir)).rejects.toMatchObject({
      name: 'UsageError',
      message: `--qemu ${dir}: holds no qemu-system-x86_64 or qemu-storage-daemon`,
    });
  });

  test('a directory with two versions of QEMU', async () => {
    fakeProgram(dir, 'qemu-system-x86_64', '9.2.4');
    fakeProgram(dir, 'qemu-storage-daemon', '8.0.0');
    await expect(resolveQemu(dir)).rejects.toMatchObject({
      name: 'UsageError',
      message: `--qemu ${dir}: holds two QEMUs, 9.2.4 and 8.0.0`,
    });
  });

  test('a program that is no QEMU, with what it says of itself', async () => {
    const other = script(join(dir, 'other'), 'echo "hello 1.0"');
    await expect(resolveQemu(other)).rejects.toMatchObject({
      name: 'UsageError',
      message: `${other} is not a QEMU program: --version says hello 1.0`,
    });
  });

  test('a QEMU that does not start, with its first line of stderr', async () => {
    const broken = script(join(dir, 'qemu-system-x86_64'), 'echo "libfoo.so.1: cannot open" >&2; exit 127');
    await expect(resolveQemu(broken)).rejects.toMatchObject({
      name: 'UsageError',
      message: `${broken} does not start: libfoo.so.1: cannot open`,
    });
  });

  test('qemu-img in place of an emulator', async () => {
    const img = fakeProgram(dir, 'qemu-img', '9.2.4');
    await expect(resolveQemu(img)).rejects.toMatchObject({
      name: 'UsageError',
      message: `--qemu ${img}: is qemu-img, which runs no block jobs`,
    });
  });
});

test.each([
  ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright', 'system', '7.2.22'],
  ['qemu-storage-daemon version 11.1.3 (Debian 1:11.1.3+ds-1)', 'daemon', '11.1.3'],
  ['qemu-img version 9.2.50 (v9.1.0-12-gabc)', 'img', '9.2.50'],
  ['/opt/qemu/bin/qemu-nbd 10.0.13 ', 'nbd', '10.0.13'],
])('%j is read as %s %s', (text, role, version) => {
  expect(parseVersion(text)).toEqual({ role, version });
});
