import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { temporaryDir } from '../target/temporary.ts';

/** The environment of a machine that has every program of this one but those. */
export function without(...programs: string[]): { PATH: string } {
  const bin = join(temporaryDir(), 'bin');
  mkdirSync(bin);
  const there = new Set(programs);
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of namesIn(dir)) {
      if (there.has(name)) continue;
      there.add(name);
      symlinkSync(join(dir, name), join(bin, basename(name)));
    }
  }
  return { PATH: bin };
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
