import { z } from 'zod';

const word = z.string().max(200);

/** One call. `offset` is from where `module` is loaded: equal in every run of the same build. Without debug information no `source`, of a static function no `function` either. */
const frame = z.object({
  function: word.optional(),
  /** file:line */
  source: word.optional(),
  /** The file name of a program or library. */
  module: word.optional(),
  offset: z
    .string()
    .regex(/^0x[0-9a-f]{1,16}$/)
    .optional(),
});
export type Frame = z.infer<typeof frame>;

const part = z.object({
  of: z.enum(['died', 'main thread', 'I/O thread', 'access', 'freed', 'allocated']),
  frames: z.array(frame).max(24),
});
/** The frames of one thread, or of one moment in the life of a piece of memory; the innermost first. */
export type Part = z.infer<typeof part>;

const stack = z.object({
  by: z.enum(['gdb', 'valgrind', 'sanitizer']),
  is: z.enum(['fault', 'abort', 'hang', 'use after free', 'out of bounds', 'invalid free']),
  /** As the debugger puts it: `SIGSEGV`, `Invalid read of size 8 …`. */
  said: word,
  qemu: z.object({ label: word, version: word, flavour: z.enum(['system', 'daemon']) }),
  /** The build id of QEMU's program, where it has one. */
  build: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/)
    .optional(),
  parts: z.array(part).min(1).max(8),
});
/** What a debugger saw of one failing run. */
export type Stack = z.infer<typeof stack>;

/** Of a finding: one for each debugger, QEMU and flavour, the last seen. */
export const stacks = z.array(stack).max(16);

export const stackLimits = { frames: 24, parts: 8, stacks: 16, wordChars: 200 } as const;

/** `fresh` in the place of what was seen before by the same means on the same QEMU. */
export function withFresh(before: readonly Stack[], fresh: readonly Stack[]): Stack[] {
  const key = ({ by, qemu }: Stack): string => [by, qemu.label, qemu.version, qemu.flavour].join(' ');
  const again = new Set(fresh.map(key));
  return [...fresh, ...before.filter((each) => !again.has(key(each)))].slice(0, stackLimits.stacks);
}

/** A word that fits in: names of C++ and paths may be of any length. */
export const cut = (text: string): string => text.slice(0, stackLimits.wordChars);
