import { basename } from 'node:path';
import { cut, type Frame, type Part, type Stack, stackLimits } from './stack.ts';

type Read = Pick<Stack, 'is' | 'said' | 'parts'>;

/** AddressSanitizer's report on stderr, in the same shape as valgrind's. */
export function readSanitizer(lines: readonly string[]): Read | undefined {
  const at = lines.findIndex((line) => /ERROR: AddressSanitizer:? /.test(line));
  const kind = /ERROR: AddressSanitizer:? (?:attempting )?([\w-]+)/.exec(lines[at] ?? '')?.[1];
  if (kind === undefined) return undefined;
  const parts: Part[] = [];
  let part: Part | undefined = { of: isMemory(kind) ? 'access' : 'died', frames: [] };
  let how = '';
  for (const line of lines.slice(at + 1)) {
    if (/^SUMMARY: /.test(line)) break;
    how ||= /^(?:READ|WRITE) of size \d+/.exec(line.trim())?.[0] ?? '';
    const begins = beginning(line);
    if (begins) {
      keep(part);
      part = begins === 'other' ? undefined : { of: begins, frames: [] };
    }
    const frame = readFrame(line);
    if (frame && part && part.frames.length < stackLimits.frames) part.frames.push(frame);
  }
  keep(part);
  if (parts.length === 0) return undefined;
  return { is: kindOf(kind), said: cut([kind, how].filter(Boolean).join(', ')), parts };

  function keep(ended: Part | undefined): void {
    if (ended && ended.frames.length > 0 && parts.length < stackLimits.parts) parts.push(ended);
  }
}

function beginning(line: string): Part['of'] | 'other' | undefined {
  if (/^freed by thread /.test(line)) return 'freed';
  if (/^(previously )?allocated by thread /.test(line)) return 'allocated';
  return /^Thread T\d+ .*created by/.test(line) ? 'other' : undefined;
}

/** `#0 0x55d0 in bdrv_unref ../block.c:12:3`, or `(/usr/bin/qemu-img+0x1f2) (BuildId: …)` without debug information. */
function readFrame(line: string): Frame | undefined {
  const parsed =
    /^\s*#\d+ 0x[0-9a-f]+ (?:in (\S+))?\s*(?:\((.+?)\+0x([0-9a-f]+)\)|(\S+?:\d+)(?::\d+)?)?/.exec(line);
  if (!parsed) return undefined;
  const [, name, file, offset, source] = parsed;
  return {
    ...(name === undefined || name.startsWith('(') ? {} : { function: cut(name) }),
    ...(source === undefined ? {} : { source: cut(source) }),
    ...(file === undefined ? {} : { module: cut(basename(file)), offset: `0x${offset}` }),
  };
}

const isMemory = (kind: string): boolean => kindOf(kind) !== 'fault';

function kindOf(kind: string): Stack['is'] {
  if (kind === 'heap-use-after-free') return 'use after free';
  if (kind === 'double-free' || kind === 'free' || kind.startsWith('alloc-dealloc')) return 'invalid free';
  return /overflow|underflow/.test(kind) && kind !== 'stack-overflow' ? 'out of bounds' : 'fault';
}
