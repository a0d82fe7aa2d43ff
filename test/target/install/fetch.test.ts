import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FetchProgress, fetchSuite } from '../../../src/target/install/fetch.ts';
import { aptConfig, parsePlan } from '../../../src/target/install/private-apt.ts';
import { script } from '../fake-qemu.ts';
import { programFiles } from '../fake-root.ts';

let dir: string;
let root: string;
const calls = () =>
  existsSync(join(dir, 'calls')) ? readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n') : [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mirrorfuzz-fetch-'));
  root = join(dir, 'cache/mirrorfuzz/qemu/debian-trixie');
  vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
  vi.stubEnv('PATH', `${join(dir, 'bin')}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

test('an unknown suite is a usage error that names those that can be fetched', async () => {
  await expect(fetchSuite('woody')).rejects.toMatchObject({
    name: 'UsageError',
    message: "unknown suite 'woody'",
    remedy: expect.stringContaining('bullseye (QEMU 5.2)'),
  });
});

test("without Debian's apt the way out is a path", async () => {
  mkdirSync(join(dir, 'empty'));
  vi.stubEnv('PATH', join(dir, 'empty'));
  await expect(fetchSuite('trixie')).rejects.toMatchObject({
    name: 'EnvironmentError',
    message: "fetch needs Debian's apt, and there is no apt-get here",
    remedy: 'off Debian: --qemu with a path',
  });
});

test("the plan is apt's simulated installation, epochs and all", () => {
  const plan = `NOTE: This is only a simulation!
Inst libc6 (2.31-13+deb11u14 Debian-Security:11/oldoldstable-security [amd64]) []
Inst seabios (1.14.0-2 Debian:11.11/oldoldstable [all])
Inst qemu-utils (1:5.2+dfsg-11+deb11u5 Debian:11.11/oldoldstable, Debian-Security:11/oldoldstable-security [amd64])
Conf libc6 (2.31-13+deb11u14 Debian-Security:11/oldoldstable-security [amd64])
`;
  expect(parsePlan(plan)).toEqual([
    { name: 'libc6', version: '2.31-13+deb11u14', architecture: 'amd64' },
    { name: 'seabios', version: '1.14.0-2', architecture: 'all' },
    { name: 'qemu-utils', version: '1:5.2+dfsg-11+deb11u5', architecture: 'amd64' },
  ]);
});

test('unsigned packages are refused even where the system allows them', () => {
  const config = aptConfig('/somewhere', 'amd64');
  expect(config).toContain('APT::Get::AllowUnauthenticated "false"');
  expect(config).toContain('Acquire::AllowInsecureRepositories "false"');
});

// Debian's own keyring is looked for where Debian puts it; elsewhere there is no fetch to test.
const debian = ['gpg', 'pgp'].some((kind) =>
  existsSync(`/usr/share/keyrings/debian-archive-keyring.${kind}`),
);

describe.skipIf(!debian)('with a mirror of two packages', () => {
  beforeEach(() => fakeDebian());

  test('a suite is unpacked, checked, and published with a manifest', async () => {
    const target = await fetchSuite('trixie');
    expect(target).toMatchObject({
      label: 'debian:trixie',
      version: '10.0.13',
      origin: 'fetched',
      path: root,
    });
    expect(JSON.parse(readFileSync(join(root, 'manifest.json'), 'utf8'))).toMatchObject({
      suite: 'trixie',
      version: '10.0.13',
      packages: { libc6: '2.41-12', 'qemu-utils': '1:10.0.13+ds-0' },
    });
    expect(existsSync(`${root}.partial`)).toBe(false);
  });

  test('nothing of it is set-uid', async () => {
    await fetchSuite('trixie');
    expect(statSync(join(root, 'usr/bin/passwd')).mode & 0o6000).toBe(0);
  });

  test('a suite that is there is not fetched again', async () => {
    await fetchSuite('trixie');
    const before = calls().length;
    await fetchSuite('trixie');
    expect(calls()).toHaveLength(before);
  });

  test('an interrupted fetch shows nothing, and the next one keeps what was downloaded', async () => {
    writeFileSync(join(dir, 'fail-after-one'), '');
    await expect(fetchSuite('trixie')).rejects.toMatchObject({ name: 'EnvironmentError' });
    expect(existsSync(root)).toBe(false);

    rmSync(join(dir, 'fail-after-one'));
    const progress: FetchProgress[] = [];
    await fetchSuite('trixie', (each) => progress.push(each));
    expect(progress.find((each) => each.doing === 'download')).toMatchObject({ done: 1, of: 2 });
    expect(calls().filter((call) => call.startsWith('downloaded libc6'))).toHaveLength(1);
  });

  test('a root without a manifest is a broken one, and is replaced', async () => {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    expect(await fetchSuite('trixie')).toMatchObject({ version: '10.0.13' });
  });

  test("without a network apt's first error is told", async () => {
    writeFileSync(join(dir, 'no-network'), '');
    await expect(fetchSuite('trixie')).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: 'apt-get: Failed to fetch http://deb.debian.test Could not resolve',
    });
  });

  test('a second fetch of the same suite waits for the first and then takes its result', async () => {
    const seen: string[] = [];
    const both = await Promise.all([
      fetchSuite('trixie', ({ doing }) => seen.push(`first ${doing}`)),
      fetchSuite('trixie', ({ doing }) => seen.push(`second ${doing}`)),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(seen.filter((each) => each.endsWith('wait'))).toHaveLength(1);
    expect(calls().filter((call) => call === 'update')).toHaveLength(1);
  });

  test('a program that does not start is told before anything is published', async () => {
    writeFileSync(join(dir, 'broken-nbd'), '');
    await expect(fetchSuite('trixie')).rejects.toMatchObject({
      name: 'EnvironmentError',
      message: expect.stringContaining("Debian trixie's qemu-nbd: "),
    });
    expect(existsSync(root)).toBe(false);
  });
});

/** An apt-get and a dpkg-deb on PATH that know two packages; files in `dir` make them fail. */
function fakeDebian(): void {
  const debs = ['libc6_2.41-12_amd64.deb', 'qemu-utils_1%3a10.0.13+ds-0_amd64.deb'];
  script(
    join(dir, 'bin/apt-get'),
    `archives="$(dirname "$2")/cache/archives"
case "$*" in
  *update*)
    echo update >> ${dir}/calls
    if [ -e ${dir}/no-network ]; then
      echo "E: Failed to fetch http://deb.debian.test  Could not resolve" >&2; echo "E: Some index files failed" >&2; exit 100
    fi ;;
  *--simulate*)
    echo "Inst libc6 (2.41-12 Debian:13.1/stable [amd64])"
    echo "Inst qemu-utils (1:10.0.13+ds-0 Debian:13.1/stable [amd64])" ;;
  *--download-only*)
    for deb in ${debs.map((deb) => `'${deb}'`).join(' ')}; do
      [ -e "$archives/$deb" ] && continue
      [ -e ${dir}/fail-after-one ] && [ "$(ls "$archives" | grep -c deb)" -ge 1 ] && { echo "E: connection lost" >&2; exit 100; }
      : > "$archives/$deb"; echo "Get:1 http://mirror.test $deb"; echo "downloaded $deb" >> ${dir}/calls
    done ;;
esac`,
  );
  const programs = programFiles.map((name) => {
    const banner = name.startsWith('qemu-system')
      ? 'QEMU emulator version'
      : name === 'qemu-nbd'
        ? 'qemu-nbd'
        : `${name} version`;
    return `printf '#!/bin/sh\\necho "${banner} 10.0.13"\\n' > $bin/${name}`;
  });
  script(
    join(dir, 'bin/dpkg-deb'),
    `[ -e "$2" ] || exit 2
lib=$3/usr/lib/x86_64-linux-gnu; bin=$3/usr/bin; mkdir -p $lib $bin
case "$2" in
  *libc6*)
    printf '#!/bin/sh\\nshift 3; exec "$@"\\n' > $lib/ld-linux-x86-64.so.2; chmod +x $lib/ld-linux-x86-64.so.2 ;;
  *)
    ${programs.join('\n    ')}
    [ -e ${dir}/broken-nbd ] && printf '#!/bin/sh\\nexit 1\\n' > $bin/qemu-nbd
    chmod +x $bin/*; : > $bin/passwd; chmod 4755 $bin/passwd ;;
esac`,
  );
  appendFileSync(join(dir, 'calls'), '');
}
