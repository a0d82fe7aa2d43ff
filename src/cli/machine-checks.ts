import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { freeBytes } from '../target/disk-space.ts';
import { installCommand, installPackages } from '../target/install/install-command.ts';
import { suites } from '../target/install/suite.ts';
import { startSession } from '../target/process/session.ts';
import { listQemu, type QemuTarget, resolveQemu } from '../target/programs/binary.ts';
import { findExecutable } from '../target/programs/executable.ts';
import { identify, programNames, type Role, roles } from '../target/programs/program.ts';
import { openRunRoot, type RunRoot } from '../target/run-dir.ts';
import { checkConfinement } from './confinement-check.ts';
import { checkDebuggers } from './debugger-checks.ts';
import { checkGuest, checkStorage } from './storage-checks.ts';

/** `degraded`: a hunt runs, with less. `missing` and `required`: it can't. */
export type MachineCheck = {
  name: string;
  required: boolean;
  status: 'ok' | 'missing' | 'degraded';
  detail: string;
  remedy?: string;
};

/** Tries everything a hunt needs, for real, and says each as soon as it is known. */
export async function* checkMachine(): AsyncGenerator<MachineCheck> {
  yield checkNode(process.versions.node);
  const found = await resolveQemu(undefined).catch((error: Error) =>
    error instanceof EnvironmentError ? 'not found' : error.message,
  );
  for (const role of roles) yield await checkProgram(role, found);
  const target = typeof found === 'string' ? undefined : found;
  const [temporary, root] = await checkTemporaryDirectory();
  yield temporary;
  try {
    yield* checkStarts(target, root);
  } finally {
    root?.remove();
  }
  yield checkConfinement();
  yield* checkGuest(target);
  yield* checkStorage(target);
  for (const tool of ['setpriv', 'prlimit']) yield checkTool(tool, 'util-linux', toolUse[tool] as string);
  yield await checkFetched();
  yield checkFetching();
  yield* checkDebuggers(target);
}

const toolUse: Record<string, string> = {
  setpriv: 'storage servers; QEMU is confined by it where bubblewrap is missing',
  prlimit: 'iSCSI servers that refuse writes',
};

export function checkNode(version: string): MachineCheck {
  const recent = Number(version.split('.')[0]) >= 24;
  const found = { name: 'Node', required: true, detail: version } as const;
  return recent
    ? { ...found, status: 'ok' }
    : {
        ...found,
        status: 'missing',
        detail: `${version}, 24 or newer is needed`,
        remedy: 'start it by npx mirrorfuzz',
      };
}

const installYourself = "install QEMU with your system's packages";

/** `found` is the QEMU on PATH, or why there is none. */
async function checkProgram(role: Role, found: QemuTarget | string): Promise<MachineCheck> {
  const target = typeof found === 'string' ? undefined : found;
  const name = programNames[role][0] as string;
  const required = isRequired(role, target);
  const remedy = installCommand('qemu') ?? installYourself;
  const program = target?.[role];
  if (!program) {
    const why = typeof found === 'string' ? found : 'not found';
    return {
      name,
      required,
      status: required ? 'missing' : 'degraded',
      detail: `${why}: ${roleUse[role]}`,
      remedy,
    };
  }
  try {
    const { version } = await identify(program);
    const { instruments = [] } = program;
    const built = instruments.length > 0 ? `, built with ${instruments.join(', ')}` : '';
    return { name, required, status: 'ok', detail: `${version} (${program.argv[0]})${built}` };
  } catch (error) {
    return { name, required, status: 'missing', detail: (error as Error).message, remedy };
  }
}

/** One of the two flavours is enough to hunt. */
function isRequired(role: Role, target: QemuTarget | undefined): boolean {
  switch (role) {
    case 'system':
      return target?.daemon === undefined;
    case 'daemon':
      return false;
    case 'img':
    case 'nbd':
      return false;
    default:
      return role satisfies never;
  }
}

const roleUse: Record<Role, string> = {
  system: 'needed for --flavour system and guest writes',
  daemon: 'needed for --flavour daemon',
  img: 'looks at images: without it none is judged',
  nbd: 'needed for --storage nbd',
};

async function* checkStarts(
  target: QemuTarget | undefined,
  root: RunRoot | undefined,
): AsyncGenerator<MachineCheck> {
  if (!target || !root) return; // already reported
  for (const flavour of ['system', 'daemon'] as const) {
    if (!target[flavour]) continue;
    const name = `starts: ${flavour}`;
    const startedAt = performance.now();
    try {
      const session = await startSession({ target, flavour, dir: root.sessionDir() });
      const tookMs = Math.round(performance.now() - startedAt);
      await session.stop();
      yield { name, required: true, status: 'ok', detail: `answers on its monitor after ${tookMs} ms` };
    } catch (error) {
      yield {
        name,
        required: true,
        status: 'missing',
        detail: (error as Error).message,
        remedy: installCommand('qemu') ?? installYourself,
      };
    }
  }
}

async function checkTemporaryDirectory(): Promise<[MachineCheck, RunRoot?]> {
  const name = 'temporary directory';
  try {
    const root = await openRunRoot();
    const base = dirname(root.path);
    const freeGib = (freeBytes(base) / 2 ** 30).toFixed(1);
    return [{ name, required: true, status: 'ok', detail: `${base}, ${freeGib} GiB free` }, root];
  } catch (error) {
    const { message, remedy } = error as Error & { remedy?: string };
    return [
      { name, required: true, status: 'missing', detail: message, ...(remedy !== undefined && { remedy }) },
    ];
  }
}

function checkTool(tool: string, from: 'util-linux', use: string): MachineCheck {
  const found = findExecutable(tool);
  const check = { name: tool, required: false } as const;
  if (found) return { ...check, status: 'ok', detail: found };
  return {
    ...check,
    status: 'degraded',
    detail: `not found: ${use}`,
    remedy: installCommand(from) ?? `install ${from}`,
  };
}

async function checkFetched(): Promise<MachineCheck> {
  const fetched = (await listQemu()).filter((target) => target.origin === 'fetched');
  const check = { name: 'fetched QEMUs', required: false } as const;
  if (fetched.length > 0) {
    return {
      ...check,
      status: 'ok',
      detail: fetched.map(({ label, version }) => `${label} ${version}`).join(', '),
    };
  }
  const remedy = `npx mirrorfuzz qemu fetch ${suites.map((suite) => suite.name).join(' ')}`;
  return { ...check, status: 'degraded', detail: 'none: only the installed version can be hunted', remedy };
}

function checkFetching(): MachineCheck {
  const check = { name: 'qemu fetch', required: false } as const;
  const lacking = ['apt-get', 'dpkg-deb'].filter((tool) => !findExecutable(tool));
  if (lacking.length > 0) {
    return {
      ...check,
      status: 'degraded',
      detail: `needs Debian's apt, no ${lacking.join(' and ')} here`,
      remedy: 'give --qemu a path',
    };
  }
  if (!existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')) {
    return {
      ...check,
      status: 'degraded',
      detail: "Debian's signing keys are missing",
      remedy: installPackages('debian-archive-keyring'),
    };
  }
  return { ...check, status: 'ok', detail: 'apt, dpkg-deb and the signing keys are here' };
}
