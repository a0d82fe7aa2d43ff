import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import type { QemuTarget } from '../programs/binary.ts';
import { identify, programNames, roles } from '../programs/program.ts';
import { lockSuite } from './fetch-lock.ts';
import { fetchedTarget, type Manifest, manifestName, programsUnder, suiteRoot, targetOf } from './fetched.ts';
import {
  archiveFile,
  download,
  openPrivateApt,
  type Package,
  type PrivateApt,
  planInstall,
} from './private-apt.ts';
import { parseSuite, type Suite } from './suite.ts';

/** `done` of `of` packages while downloading and unpacking, of programs while checking. */
export type FetchProgress = {
  suite: string;
  doing: 'wait' | 'index' | 'download' | 'unpack' | 'check';
  done: number;
  of: number;
};

/**
 * Unpacks the QEMU of a Debian suite, with all its libraries, into the user's cache; instant where it is already there.
 * Cut off at any time, the next call continues with the packages that were downloaded.
 * Throws UsageError for an unknown suite, EnvironmentError without apt, network or room.
 */
export async function fetchSuite(
  name: string,
  onProgress: (progress: FetchProgress) => void = () => {},
): Promise<QemuTarget> {
  const suite = parseSuite(name);
  const report = (doing: FetchProgress['doing'], done = 0, of = 0) =>
    onProgress({ suite: suite.name, doing, done, of });
  const already = fetchedTarget(suite);
  if (already) return already;

  const root = suiteRoot(suite);
  const partial = `${root}.partial`;
  await mkdir(partial, { recursive: true });
  const unlock = await lockSuite(partial, () => report('wait'));
  try {
    const meanwhile = fetchedTarget(suite);
    if (meanwhile) return meanwhile;
    report('index');
    const apt = await openPrivateApt(join(partial, 'apt'), suite);
    const packages = await downloadAll(apt, (done, of) => report('download', done, of));
    const staged = join(partial, 'root');
    await unpackAll(apt, packages, staged, (done, of) => report('unpack', done, of));
    const version = await checkPrograms(suite, staged, (done, of) => report('check', done, of));
    await writeManifest(staged, { suite, version, mirror: apt.mirror.main, packages });
    await publish(staged, root, partial);
    return targetOf(suite, root, version);
  } finally {
    await unlock();
  }
}

/** qemu-utils holds qemu-img and qemu-nbd; qemu-storage-daemon is there or in qemu-system-common, by suite. */
const wanted = ['qemu-system-x86', 'qemu-utils', 'qemu-block-extra'];

type Count = (done: number, of: number) => void;

async function downloadAll(apt: PrivateApt, onCount: Count): Promise<Package[]> {
  const packages = await planInstall(apt, wanted);
  let done = packages.filter((each) => existsSync(archiveFile(apt, each))).length;
  onCount(done, packages.length);
  await download(apt, wanted, () => onCount(++done, packages.length));
  return packages;
}

async function unpackAll(
  apt: PrivateApt,
  packages: readonly Package[],
  staged: string,
  onCount: Count,
): Promise<void> {
  await rm(staged, { recursive: true, force: true });
  await mkdir(staged);
  for (const [index, each] of packages.entries()) {
    onCount(index, packages.length);
    await run('dpkg-deb', ['--extract', archiveFile(apt, each), staged]);
  }
  // The closure has passwd and the like: no set-uid program of an old release may lie about in a cache.
  await run('chmod', ['-R', 'ug-s', staged]);
  onCount(packages.length, packages.length);
}

/** Starts every program once; a suite without one of them is of no use. Returns QEMU's version. */
async function checkPrograms(suite: Suite, staged: string, onCount: Count): Promise<string> {
  const programs = programsUnder(staged);
  let version = '';
  for (const [index, role] of roles.entries()) {
    onCount(index, roles.length);
    const program = programs[role];
    if (!program)
      throw new EnvironmentError(`Debian ${suite.name}'s packages hold no ${programNames[role][0]}`);
    const identity = await identify(program).catch((cause: Error) => {
      throw new EnvironmentError(
        `Debian ${suite.name}'s ${programNames[role][0]}: ${cause.message}`,
        undefined,
        { cause },
      );
    });
    if (role === 'system') version = identity.version;
  }
  onCount(roles.length, roles.length);
  return version;
}

type Fetched = { suite: Suite; version: string; mirror: string; packages: readonly Package[] };

async function writeManifest(staged: string, { suite, version, mirror, packages }: Fetched): Promise<void> {
  const manifest: Manifest = {
    schema: 1,
    suite: suite.name,
    version,
    mirror,
    fetchedAt: new Date().toISOString(),
    packages: Object.fromEntries(packages.map((each) => [each.name, each.version])),
  };
  await writeFile(join(staged, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** One rename makes it visible; what stood there before had no valid manifest. The downloads are of no more use. */
async function publish(staged: string, root: string, partial: string): Promise<void> {
  if (existsSync(root)) await rename(root, join(partial, `broken-${(await readdir(partial)).length}`));
  await rename(staged, root);
  await rm(partial, { recursive: true, force: true });
}

async function run(file: string, args: string[]): Promise<void> {
  const result = await execa(file, args, { reject: false, stdin: 'ignore' });
  if (!result.failed) return;
  const why = result.stderr.split('\n').find(Boolean) ?? result.shortMessage;
  throw new EnvironmentError(
    `${file}: ${why}`,
    'df -h shows the room left; run the same command again: it continues',
  );
}
