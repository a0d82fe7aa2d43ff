import { lstatSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where things are kept that can be had again: `$XDG_CACHE_HOME/mirrorfuzz`, by default `~/.cache/mirrorfuzz`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG base directory specification says that a relative value is to be ignored.
  if (base && isAbsolute(base)) return join(base, 'mirrorfuzz');
  const home = homeOf(env);
  return home === undefined ? homeless(env) : join(home, '.cache', 'mirrorfuzz');
}

/** $HOME, else the user's in the password file: containers and services have neither. */
function homeOf({ HOME: home }: NodeJS.ProcessEnv): string | undefined {
  if (home && isAbsolute(home)) return home;
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined; // this uid has no entry
  }
}

/** Programs are started from there, so a directory that somebody else has made is not used. */
function homeless(env: NodeJS.ProcessEnv): string {
  const uid = process.getuid?.();
  const dir = join(env.TMPDIR && isAbsolute(env.TMPDIR) ? env.TMPDIR : tmpdir(), `mirrorfuzz-cache-${uid}`);
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  return !stat || (stat.isDirectory() && stat.uid === uid) ? dir : `${dir}-${process.pid}`;
}
