import { statSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { EnvironmentError, UsageError } from '../../errors.ts';
import { withNeeds } from '../confine/program-needs.ts';
import { fetchedTarget, fetchedTargets } from '../install/fetched.ts';
import { findSuite } from '../install/suite.ts';
import { findExecutable, isExecutable } from './executable.ts';
import { withFirmware } from './firmware.ts';
import { withInstruments } from './instruments.ts';
import { identify, type Program, type Programs, programNames, type Role, roles } from './program.ts';

export type { Program } from './program.ts';

/** One QEMU to drive: its programs, and where they came from (`path` is a file, a directory or a fetched root). */
export type QemuTarget = {
  label: string;
  version: string;
  origin: 'path' | 'directory' | 'binary' | 'fetched';
  path: string;
} & Programs;

/**
 * Finds the QEMU that `--qemu SPEC` means: a binary, a directory, a wrapper script or a label; without one, PATH's.
 * Throws UsageError for a spec that can't be used, EnvironmentError where nothing was asked for and nothing is there.
 */
export async function resolveQemu(spec: string | undefined): Promise<QemuTarget> {
  if (spec === undefined) return (await qemuOnPath()) ?? throwNothingInstalled();
  if (spec.includes('/')) return atPath(resolve(spec), spec);
  const labelled = await byLabel(spec);
  if (labelled) return labelled;
  if (kindOf(resolve(spec)) !== 'missing') return atPath(resolve(spec), spec);
  const command = findExecutable(spec);
  if (command) return fromBinary(command);
  throw await unknownSpec(spec);
}

/** PATH's QEMU and every fetched one, by version. */
export async function listQemu(): Promise<QemuTarget[]> {
  const onPath = await qemuOnPath().catch(() => undefined); // doctor says why it does not start
  const all = onPath ? [onPath, ...fetchedTargets()] : fetchedTargets();
  return all.sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

async function qemuOnPath(): Promise<QemuTarget | undefined> {
  const programs = programsIn(...(process.env.PATH ?? '').split(delimiter), '/usr/libexec'); // Red Hat's qemu-kvm
  const main = programs.system ?? programs.daemon;
  return main && assemble('path', main.argv[0] as string, programs);
}

async function byLabel(label: string): Promise<QemuTarget | undefined> {
  const suite = findSuite(label);
  if (!suite) return (await listQemu()).find((target) => target.version === label);
  const fetched = fetchedTarget(suite);
  if (fetched) return fetched;
  throw new UsageError(
    `--qemu ${label}: Debian ${suite.name}'s QEMU ${suite.series} is not fetched yet`,
    `npx mirrorfuzz qemu fetch ${suite.name}`,
  );
}

async function atPath(path: string, spec: string): Promise<QemuTarget> {
  const kind = kindOf(path);
  switch (kind) {
    case 'directory':
      return fromDirectory(path);
    case 'executable':
      return fromBinary(path);
    case 'file':
      throw new UsageError(`--qemu ${spec}: not executable`, `chmod +x ${spec}`);
    case 'missing':
      throw new UsageError(`--qemu ${spec}: no such file or directory`, await knownLabels());
  }
}

async function fromDirectory(dir: string): Promise<QemuTarget> {
  const programs = programsIn(...withBuildDirs(dir));
  if (!programs.system && !programs.daemon) {
    const wanted = `${programNames.system[0]} or ${programNames.daemon[0]}`;
    throw new UsageError(`--qemu ${dir}: holds no ${wanted}`, await knownLabels());
  }
  return assemble('directory', dir, programs);
}

/** A program, or a script that starts one: what it says about itself counts, not its name. */
async function fromBinary(path: string): Promise<QemuTarget> {
  const program = plain(path);
  const { role } = await identify(program);
  if (role !== 'system' && role !== 'daemon') {
    throw new UsageError(
      `--qemu ${path}: is ${programNames[role][0]}, which runs no block jobs`,
      `--qemu ${dirname(path)}`,
    );
  }
  return assemble('binary', path, { ...programsIn(...withBuildDirs(dirname(path))), [role]: program }, role);
}

/**
 * Puts a target together. The other flavour must be of the same build, or rules for one version would judge another;
 * the tools only make and read images, so PATH's do where there are none beside.
 */
async function assemble(
  origin: QemuTarget['origin'],
  path: string,
  found: Programs,
  main: 'system' | 'daemon' = found.system ? 'system' : 'daemon',
): Promise<QemuTarget> {
  const { version } = await identify(found[main] as Program);
  const ours = withInstruments(found, origin === 'directory' ? path : dirname(path));
  const programs: Programs = { ...toolsOnPath(), ...ours };
  const other = main === 'system' ? 'daemon' : 'system';
  const beside = programs[other] && (await startable(programs[other], other));
  if (beside?.version !== version) {
    if (beside && origin === 'directory') {
      const otherVersion = beside.version;
      throw new UsageError(
        `--qemu ${path}: holds two QEMUs, ${version} and ${otherVersion}`,
        'the path of one binary',
      );
    }
    delete programs[other];
  } else programs[other] = beside.program;
  programs[main] = await readied(ours[main] as Program, main);
  return { label: version, version, origin, path, ...programs };
}

/** The other flavour is no condition: where it does not start, there is one flavour less. */
async function startable(
  program: Program,
  role: 'system' | 'daemon',
): Promise<{ version: string; program: Program } | undefined> {
  try {
    const { version } = await identify(program);
    return { version, program: await readied(program, role) };
  } catch {
    return undefined;
  }
}

const readied = async (program: Program, role: 'system' | 'daemon'): Promise<Program> =>
  withNeeds(role === 'system' ? await withFirmware(program) : program);

function toolsOnPath(): Programs {
  const { img, nbd } = programsIn(...(process.env.PATH ?? '').split(delimiter));
  return { ...(img && { img }), ...(nbd && { nbd }) };
}

/** QEMU's own build leaves the storage daemon in a directory below the other programs'. */
function withBuildDirs(dir: string): string[] {
  return basename(dir) === buildDir ? [dir, dirname(dir)] : [dir, join(dir, buildDir)];
}

const buildDir = 'storage-daemon';

function programsIn(...dirs: string[]): Programs {
  const programs: Partial<Record<Role, Program>> = {};
  for (const role of roles) {
    const files = dirs.flatMap((dir) => programNames[role].map((name) => join(dir || '.', name)));
    const file = files.find(isExecutable);
    if (file) programs[role] = plain(resolve(file));
  }
  return programs;
}

function plain(path: string): Program {
  return { argv: [path], env: {} };
}

function kindOf(path: string): 'directory' | 'executable' | 'file' | 'missing' {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 'missing';
  if (stat.isDirectory()) return 'directory';
  return isExecutable(path) ? 'executable' : 'file';
}

async function unknownSpec(spec: string): Promise<UsageError> {
  return new UsageError(`--qemu ${basename(spec)}: neither a path nor a known label`, await knownLabels());
}

async function knownLabels(): Promise<string> {
  const labels = (await listQemu()).map((target) => target.label);
  const known = labels.length > 0 ? `one of the labels ${labels.join(', ')}` : 'a path';
  return `${known}; 'npx mirrorfuzz qemu fetch SUITE' adds one`;
}

function throwNothingInstalled(): never {
  throw new EnvironmentError(
    'no QEMU on PATH (qemu-system-x86_64 or qemu-storage-daemon)',
    'mirrorfuzz doctor, which names the command that installs it, or --qemu with a path',
  );
}
