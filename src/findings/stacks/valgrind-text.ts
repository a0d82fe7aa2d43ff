import { basename } from 'node:path';
import { type Loaded, place } from './loaded.ts';
import { cut, type Frame, type Part, type Stack, stackLimits } from './stack.ts';

type Read = Pick<Stack, 'is' | 'said' | 'parts'>;

/**
 * The first error in memcheck's output that is about a block of the heap: who touched it, who freed it and who made it.
 * What memcheck says of other addresses may come of stacks that it does not know (coroutines) and is left out.
 */
export function readValgrind(text: string, loaded: Loaded): Read | undefined {
  const lines = text.split('\n').map((line) => line.replace(/^==\d+== ?/, ''));
  for (let at = 0; at < lines.length; at++) {
    if (!/^(Invalid (read|write) of size|Invalid free)/.test(lines[at] ?? '')) continue;
    const end = lines.findIndex((line, i) => i > at && !isWithin(line));
    const read = readError(lines.slice(at, end === -1 ? undefined : end), loaded);
    if (read) return read;
  }
  return undefined;
}

/** Of the same error: frames, and the lines that say what they are. */
const isWithin = (line: string): boolean => /^ +(at|by|Address) |^ *Block was alloc'd at/.test(line);

function readError([head = '', ...rest]: readonly string[], loaded: Loaded): Read | undefined {
  const about = rest.findIndex((line) => /^ Address 0x/.test(line));
  const where = /is ([\d,]+) bytes (inside|after|before) a block of size ([\d,]+) (free'd|alloc'd)/.exec(
    rest[about] ?? '',
  );
  if (!where) return undefined;
  const [, distance, side, size, state] = where;
  const made = rest.findIndex((line) => /^ *Block was alloc'd at/.test(line));
  const isFreed = state === "free'd";
  const sections: [Part['of'], readonly string[]][] = [
    ['access', rest.slice(0, about)],
    [isFreed ? 'freed' : 'allocated', rest.slice(about + 1, made === -1 ? undefined : made)],
    ...(made === -1 ? [] : [['allocated', rest.slice(made + 1)] as [Part['of'], readonly string[]]]),
  ];
  const parts = sections
    .map(([of, lines]): Part => ({ of, frames: frames(lines, loaded) }))
    .filter((part) => part.frames.length > 0);
  if (parts[0]?.of !== 'access') return undefined;
  const is = head.startsWith('Invalid free') ? 'invalid free' : isFreed ? 'use after free' : 'out of bounds';
  const said = `${head.trim()}, ${distance} bytes ${side} a block of ${size} that was ${isFreed ? 'freed' : 'allocated'}`;
  return { is, said: cut(said), parts };
}

/** `at 0x1E53F0: bdrv_unref (block.c:12)`, or `(in /usr/bin/qemu-storage-daemon)` without debug information. */
function frames(lines: readonly string[], loaded: Loaded): Frame[] {
  const found = lines.flatMap((line): Frame[] => {
    const parsed = /^\s*(?:at|by) 0x([0-9A-F]+): (.+?)(?: \((?:in (.+)|(.+:\d+))\))?$/.exec(line);
    if (!parsed) return [];
    const [, address, name = '???', file, source] = parsed;
    const at = place(loaded, `0x${address}`) ?? (file === undefined ? {} : { module: cut(basename(file)) });
    if (name === '???' && at.module === undefined) return []; // beyond the end of a coroutine's stack
    return [
      {
        ...(name === '???' ? {} : { function: cut(name) }),
        ...(source === undefined ? {} : { source: cut(source) }),
        ...at,
      },
    ];
  });
  return found.slice(0, stackLimits.frames);
}
