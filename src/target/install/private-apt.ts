import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { findExecutable } from '../programs/executable.ts';
import { installPackages } from './install-command.ts';
import { archiveMirror, type Mirror, sourcesList, standardMirror, systemMirror } from './mirrors.ts';
import type { Suite } from './suite.ts';

/**
 * An apt of our own under `dir`: own index, own downloads and an empty package database, so that the plan holds every
 * library down to libc and nothing of the system's is read or written but its proxies and credentials.
 */
export type PrivateApt = { dir: string; config: string; mirror: Mirror };

export type Package = { name: string; version: string; architecture: string };

/** Prepares the directories (what is there is kept) and gets the suite's signed index. */
export async function openPrivateApt(dir: string, suite: Suite): Promise<PrivateApt> {
  const keyring = requireTools();
  for (const sub of ['state/lists/partial', 'cache/archives/partial', 'empty']) {
    await mkdir(join(dir, sub), { recursive: true });
  }
  const config = join(dir, 'apt.conf');
  await writeFile(join(dir, 'status'), '');
  await writeFile(config, aptConfig(dir, debianArchitecture()));
  const mirror = await updateIndex({ dir, config, suite, keyring });
  return { dir, config, mirror };
}

/** Everything `names` need that apt would install on an empty system. */
export async function planInstall(apt: PrivateApt, names: readonly string[]): Promise<Package[]> {
  const { stdout } = await aptGet(apt, ['--simulate', 'install', ...names]);
  return parsePlan(stdout);
}

/** Fetches what is not there yet; apt checks each file against the signed index, and goes on where it was cut. */
export async function download(
  apt: PrivateApt,
  names: readonly string[],
  onPackage: () => void,
): Promise<void> {
  await aptGet(apt, ['-q', '--download-only', 'install', ...names], (line) => {
    if (line.startsWith('Get:')) onPackage();
  });
}

/** Where apt keeps a package's file: it writes the epoch's colon as %3a. */
export function archiveFile(apt: PrivateApt, { name, version, architecture }: Package): string {
  return join(apt.dir, 'cache/archives', `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`);
}

/** `Inst libc6 (2.31-13+deb11u14 Debian-Security:11/oldoldstable-security [amd64]) []` */
export function parsePlan(text: string): Package[] {
  return [...text.matchAll(/^Inst (\S+) \((\S+) .*\[(\w+)\]\)/gm)].map(
    ([, name = '', version = '', architecture = '']) => ({
      name,
      version,
      architecture,
    }),
  );
}

/**
 * Read after the system's own apt.conf.d, which may relax or redirect any of these, and whose hooks act on the system.
 * The sandbox user of a root's apt could not enter a cache in root's home.
 */
export function aptConfig(dir: string, architecture: string): string {
  return `Dir::State "${dir}/state/";
Dir::State::lists "lists/";
Dir::State::status "${dir}/status";
Dir::Cache "${dir}/cache/";
Dir::Cache::archives "archives/";
Dir::Etc::sourcelist "${dir}/sources.list";
Dir::Etc::sourceparts "${dir}/empty";
Dir::Etc::preferences "${dir}/empty/none";
Dir::Etc::preferencesparts "${dir}/empty";
Dir::Log "${dir}";
APT::Architecture "${architecture}";
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Default-Release "";
APT::Keep-Downloaded-Packages "true";
APT::Get::Assume-Yes "true";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear AptCli;
`;
}

type IndexWanted = { dir: string; config: string; suite: Suite; keyring: string };

/**
 * Tries the system's mirror first: it may be the only one this machine can reach. Security updates are done without
 * where a mirror has none or a release's have ended. Of several failures the first is the telling one.
 */
async function updateIndex({ dir, config, suite, keyring }: IndexWanted): Promise<Mirror> {
  let firstFailure: Error | undefined;
  for (const mirror of mirrorsToTry(systemMirror())) {
    for (const withSecurity of suite.hasSecurity ? [true, false] : [false]) {
      await writeFile(join(dir, 'sources.list'), sourcesList(suite, mirror, keyring, withSecurity));
      try {
        await aptGet({ config }, ['-q', '-o', 'Acquire::Retries=1', 'update']);
        return mirror;
      } catch (failure) {
        firstFailure ??= failure as Error;
        if (!(failure as Error).message.includes('-security')) break;
      }
    }
  }
  throw firstFailure;
}

function mirrorsToTry(system: Mirror): Mirror[] {
  const others = [standardMirror, archiveMirror].filter(({ main }) => main !== system.main);
  return [system, ...others];
}

async function aptGet(apt: { config: string }, args: string[], onLine: (line: string) => void = () => {}) {
  const env = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const running = execa('apt-get', ['-c', apt.config, ...args], { env, reject: false, stdin: 'ignore' });
  for await (const line of running) onLine(line);
  const result = await running;
  if (!result.failed) return result;
  throw new EnvironmentError(`apt-get: ${firstError(result.stderr) ?? result.shortMessage}`, networkRemedy);
}

const networkRemedy = "the same command once the network and apt's proxies work: it continues";

/** apt names the cause in its first error and the consequences in the others. */
function firstError(stderr: string): string | undefined {
  return /^(?:E|Err): *(.+)$/m.exec(stderr)?.[1]?.trim().replace(/\s+/g, ' ');
}

const keyrings = ['debian-archive-keyring.gpg', 'debian-archive-keyring.pgp'].map(
  (name) => `/usr/share/keyrings/${name}`,
);

function requireTools(): string {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if (!findExecutable(tool)) {
      throw new EnvironmentError(
        `fetch needs Debian's apt, and there is no ${tool} here`,
        'off Debian: --qemu with a path',
      );
    }
  }
  const keyring = keyrings.find(existsSync);
  if (keyring) return keyring;
  throw new EnvironmentError("fetch needs Debian's signing keys", installPackages('debian-archive-keyring'));
}

/** A QEMU for another processor could be unpacked but not started. */
function debianArchitecture(): string {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new EnvironmentError(`fetch knows no Debian packages for ${process.arch}`, '--qemu with a path');
}
