import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Program } from '../programs/program.ts';
import { isBelow, isBroad, isSystemPath } from './host-paths.ts';

/** The places beside the system's own that a command line and the script behind it lead to. */
export function guessReads({ argv, env }: Program): string[] {
  const words = argv.flatMap((word, i) => (i === 0 ? [resolve(word)] : word.split(/[:=,]/)));
  const listed = [...Object.values(env), process.env.LD_LIBRARY_PATH ?? ''].flatMap((value) =>
    value.split(':'),
  );
  const found = [...words, ...listed].filter((word) => word.startsWith('/')).flatMap((word) => around(word));
  const outside = [...new Set(found)].filter((path) => !isSystemPath(path)).sort();
  return outside.filter((path) => !outside.some((other) => other !== path && isBelow(path, other)));
}

/** What belongs to a path: a directory itself; of a program its directory, and of a script also what it names. */
function around(path: string, isNamedByScript = false): string[] {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return []; // a word that only looks like a path
  }
  const both = [...new Set([path, real])];
  const stat = statSync(real);
  if (stat.isDirectory()) return isBroad(real) ? [] : both;
  if (!stat.isFile() || isSystemPath(path)) return both;
  const own = both.flatMap((file) =>
    isBroad(dirname(file)) ? [file] : [dirname(file), ...besideProgram(file)],
  );
  if (isNamedByScript || !isScript(real)) return own;
  return [...own, ...namedIn(real).flatMap((named) => around(named, true))];
}

/** A program of a build tree has its firmware beside that, an installed one in share/ and its modules in lib/. */
function besideProgram(file: string): string[] {
  return ['pc-bios', 'share/qemu', 'share/seabios', 'lib', 'lib64', 'libexec']
    .map((name) => join(dirname(dirname(file)), name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
}

function isScript(file: string): boolean {
  const head = Buffer.alloc(2);
  try {
    const fd = openSync(file, 'r');
    readSync(fd, head, 0, 2, 0);
    closeSync(fd);
  } catch {}
  return head.toString('latin1') === '#!';
}

function namedIn(script: string): string[] {
  return (
    readFileSync(script, 'utf8')
      .slice(0, 2 ** 16)
      .match(/\/[\w.+@/-]+/g) ?? []
  );
}
