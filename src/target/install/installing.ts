import { findExecutable } from '../programs/executable.ts';

/** The command that installs packages; Debian's names, which other systems mostly share. */
export function installing(packages: string): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return findExecutable('apt-get')
    ? `${sudo}apt-get install -y --no-install-recommends ${packages}`
    : `install ${packages}`;
}
