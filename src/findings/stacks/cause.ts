import type { Frame, Part, Stack } from './stack.ts';

/** What of a stack is the same whenever it is the same defect. `build`: the frames are of that build, not of others. */
export type Cause = { is: Stack['is']; frames: readonly string[]; build?: string };

/** Where the stack says who is to blame; undefined where it says only who noticed. */
export function causeOf(stack: Stack): Cause | undefined {
  const part = stack.parts.find(({ of }) => of === blamed[stack.is]) ?? stack.parts[0];
  if (!part || isVictim(stack, part)) return undefined;
  const own = part.frames.filter(isOwn).slice(0, framesCompared);
  if (own.length === 0) return undefined;
  const isNamed = own.every((frame) => frame.function !== undefined);
  if (!isNamed && stack.build === undefined) return undefined;
  const frames = own.map(frameName);
  return { is: stack.is, frames, ...(isNamed ? {} : { build: stack.build as string }) };
}

/** Who freed it is to blame where it is used thereafter: who uses it varies with what happens to come next. */
const blamed: Record<Stack['is'], Part['of']> = {
  fault: 'died',
  abort: 'died',
  hang: 'main thread',
  'use after free': 'freed',
  'out of bounds': 'access',
  'invalid free': 'freed',
};

/** QEMU's own functions, the innermost first. */
export const ownFrames = (frames: readonly Frame[]): string[] =>
  frames.filter(isOwn).slice(0, framesCompared).map(frameName);

/** Enough to tell one caller of a common function from another; the main loop is mostly further out. */
const framesCompared = 4;

/** `use after free, freed in tran_abort < bdrv_reopen_multiple`. */
export function causeWords({ is, frames, build }: Cause): string {
  const where = is === 'use after free' ? 'freed in' : 'in';
  return `${is}, ${where} ${frames.join(' < ')}${build === undefined ? '' : ` (build ${build.slice(0, 8)})`}`;
}

/**
 * Whether two findings' stacks are of one defect. What is known of memory decides, where both know it; then where it
 * crashed. `unknown`: they can't be compared, as on two builds without symbols, or one has none.
 */
export function compareCauses(a: readonly Stack[], b: readonly Stack[]): 'same' | 'different' | 'unknown' {
  const memory = compareKind(a, b, isOfMemory);
  if (memory !== 'unknown') return memory;
  const isOnlyCrash = [a, b].every((stacks) => stacks.every(({ is }) => is === 'fault' || is === 'abort'));
  const crash = compareKind(a, b, (is) => is === 'fault');
  // Where memory is to blame, as far as one of them knows, a crash may be anywhere.
  return crash === 'different' && !isOnlyCrash ? 'unknown' : crash;
}

function compareKind(
  a: readonly Stack[],
  b: readonly Stack[],
  isWanted: (is: Stack['is']) => boolean,
): 'same' | 'different' | 'unknown' {
  const [of, other] = [a, b].map((stacks) =>
    stacks.flatMap((stack) => {
      const cause = isWanted(stack.is) ? causeOf(stack) : undefined;
      return cause ? [{ cause, build: stack.build }] : [];
    }),
  ) as [Blamed[], Blamed[]];
  const pairs = of.flatMap((one) =>
    other.filter((each) => areComparable(one, each)).map((each) => [one.cause, each.cause] as const),
  );
  if (pairs.length === 0) return 'unknown';
  if (pairs.some(([one, each]) => isSame(one, each))) return 'same';
  // By another way to the same place it may be the same, and may not.
  return pairs.some(([one, each]) => one.is === each.is && one.frames[0] === each.frames[0])
    ? 'unknown'
    : 'different';
}

type Blamed = { cause: Cause; build: string | undefined };

/** Names are the same in all builds; an offset is compared with what is known of its own build. */
const areComparable = (a: Blamed, b: Blamed): boolean =>
  a.cause.build === b.cause.build || (a.build !== undefined && a.build === b.build);

/** What the most telling stack blames, in words. */
export function blame(stacks: readonly Stack[]): string | undefined {
  const stack = tellingStack(stacks);
  const cause = stack && causeOf(stack);
  return cause && causeWords(cause);
}

/** The stack of who is to blame for what memory holds, where there is one: it says more than where it crashed. */
const tellingStack = (stacks: readonly Stack[]): Stack | undefined =>
  [...stacks.filter(({ is }) => isOfMemory(is)), ...stacks].find((stack) => causeOf(stack) !== undefined);

const isOfMemory = (is: Stack['is']): boolean =>
  is === 'use after free' || is === 'out of bounds' || is === 'invalid free';

const isSame = (a: Cause, b: Cause): boolean =>
  a.is === b.is && a.frames.length === b.frames.length && a.frames.every((frame, i) => frame === b.frames[i]);

/** Of the allocator that finds its heap broken: the stack shows who came next, and nothing of who broke it. */
function isVictim({ is }: Stack, { of, frames }: Part): boolean {
  if (of !== 'died' || (is !== 'fault' && is !== 'abort')) return false;
  const first = frames.findIndex(isOwn);
  const before = first === -1 ? frames : frames.slice(0, first);
  return before.some(({ function: name = '' }) => /malloc|calloc|free|^_int_|libc_message/.test(name));
}

/** QEMU's own code: not the C library's, GLib's, or a debugger's. */
function isOwn({ module, source = '', function: name = '' }: Frame): boolean {
  if (/^(__|_start$|raise$|abort$|g_|\(below main\))/.test(name) || ofLibc.test(source)) return false;
  return module === undefined || !/^(lib|ld-|ld\.|vgpreload|linux-vdso|\[)/.test(module);
}

/** Where it has debug information: an inlined function of its has no address. */
const ofLibc =
  /^\.{1,2}\/(assert|csu|debug|elf|io|libio|malloc|misc|nptl|posix|signal|socket|stdlib|string|sysdeps)\//;

export const frameName = ({ function: name, module, offset }: Frame): string =>
  name ?? `${module ?? '?'}+${offset ?? '?'}`;
