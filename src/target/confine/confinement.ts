import { tmpdir } from 'node:os';
import { execaSync } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { findExecutable } from '../programs/executable.ts';
import { makeOwnedDir, removeRoot } from '../stale-roots.ts';
import { bubblewrap } from './bubblewrap.ts';
import type { Enclosure } from './enclosure.ts';
import { namespaces } from './namespaces.ts';

/** What QEMU is shut in by: `namespaces` are those that util-linux makes where there is no bubblewrap. */
export type Confinement = 'bubblewrap' | 'namespaces' | 'none';

/** The best that this machine allows, tried once. An ordinary user needs user namespaces for either. */
export function confinement(): Confinement {
  found ??= works('bwrap', bubblewrap) ? 'bubblewrap' : works('setpriv', namespaces) ? 'namespaces' : 'none';
  return found;
}

let found: Confinement | undefined;

type Wrap = (command: readonly string[], enclosure: Enclosure) => string[];

function works(program: string, wrap: Wrap): boolean {
  if (!findExecutable(program)) return false;
  const dir = makeOwnedDir(tmpdir());
  try {
    const enclosure = { dir, reads: [], writes: [], wide: false, devices: [], hasNetwork: false };
    const [file, ...args] = wrap(['/bin/sh', '-c', ': > here'], enclosure);
    const { exitCode } = execaSync(file as string, args, {
      reject: false,
      timeout: limits.confinementTrialMs,
      stdio: 'ignore',
    });
    return exitCode === 0;
  } finally {
    removeRoot(dir);
  }
}

let unconfinedWanted = false;

/** `--unconfined`: whatever this machine allows. */
export function wantUnconfined(): void {
  unconfinedWanted = true;
}

export const isUnconfinedWanted = (): boolean => unconfinedWanted;

/** Throws EnvironmentError where root would run QEMU, and hostile commands with it, with all of root's rights. */
export function mustBeConfined(): void {
  if (unconfinedWanted || process.getuid?.() !== 0 || confinement() !== 'none') return;
  throw new EnvironmentError(
    `QEMU can't be confined here (${whyNot()}), and it would run hostile commands as root`,
    `${whatMends()}, or run as an ordinary user; --unconfined where nothing on this machine is worth anything`,
  );
}

function whyNot(): string {
  return findExecutable('bwrap')
    ? 'bubblewrap may not make namespaces'
    : 'bubblewrap is not installed, and namespaces are not allowed or setpriv is missing';
}

const whatMends = (): string =>
  findExecutable('bwrap') ? 'docker run --privileged where this is a container' : 'install bubblewrap';
