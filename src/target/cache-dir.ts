import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where things are kept that can be had again: `$XDG_CACHE_HOME/mirrorfuzz`, by default `~/.cache/mirrorfuzz`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG base directory specification says that a relative value is to be ignored.
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'mirrorfuzz');
}
