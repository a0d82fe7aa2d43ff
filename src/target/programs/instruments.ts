import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { elfSymbolNames } from './elf-strings.ts';
import { type Program, type Programs, programNames, type Role, roles } from './program.ts';

/** What a build watches itself by. */
export const instruments = [
  'AddressSanitizer',
  'UndefinedBehaviorSanitizer',
  'LeakSanitizer',
  'gcov',
  'SanitizerCoverage',
  'edges',
] as const;
export type Instrument = (typeof instruments)[number];

/** How a name ends that each build of the kind has, by gcc and by clang; a linker lets one name be the end of another. gcov's are local ones: a stripped build has none left. */
const symbolOf: Record<Instrument, RegExp> = {
  AddressSanitizer: /__asan_init\0/,
  UndefinedBehaviorSanitizer: /__ubsan_handle_\w+\0/,
  // Part of AddressSanitizer, too, where it exports nothing of its own name.
  LeakSanitizer: /__lsan_init\0/,
  gcov: /__gcov_(init|exit|dump_one|merge_add)\0/,
  SanitizerCoverage: /__sanitizer_cov_(8bit_counters_init|trace_pc_guard)\w*\0/,
  edges: /mirrorfuzz_edges\0/,
};

export function instrumentsOf(program: Program): Instrument[] {
  const names = symbolNames(program);
  return names === undefined ? [] : instruments.filter((each) => symbolOf[each].test(names));
}

/** Of what is driven. */
export const instrumentsOfTarget = ({ system, daemon }: Programs): Instrument[] =>
  instruments.filter((each) => [system, daemon].some((program) => program?.instruments?.includes(each)));

/** How much longer things take: AddressSanitizer at twice to three times the time, by its documentation. */
export function slownessOf({ instruments = [] }: Program): number {
  if (/Address|Undefined/.test(instruments.join())) return 3;
  // A call at each block of ten files is nothing beside a disk.
  return instruments.some((each) => each !== 'edges') ? 2 : 1;
}

/** It has work to do before it ends, and words to say of it. */
export const isWatched = ({ instruments = [] }: Program): boolean =>
  instruments.some((each) => each !== 'edges');

export const findsLeaks = ({ instruments = [] }: Program): boolean =>
  instruments.includes('AddressSanitizer');

/** It was linked with `instrument/edges.c`. */
export const countsEdges = ({ instruments = [] }: Program): boolean => instruments.includes('edges');

/** Each program with what it is built with, and with the settings that takes. `path`: of the build, for its counters. */
export function withInstruments(programs: Programs, path: string): Programs {
  const dir = coverageDir(path);
  const entries = roles.flatMap((role) => {
    const program = programs[role];
    return program ? [[role, instrumented(program, role, dir)]] : [];
  });
  return Object.fromEntries(entries);
}

/** Where a gcov build's counters go: nothing else of the build can be written by what QEMU is made to do. */
export const coverageDir = (build: string): string => join(build, 'mirrorfuzz-coverage');

function instrumented(program: Program, role: Role, dir: string): Program {
  const found = instrumentsOf(program);
  if (found.length === 0) return program;
  const isTool = role === 'img' || role === 'nbd';
  const env: Record<string, string> = {};
  if (found.includes('AddressSanitizer'))
    env.ASAN_OPTIONS = before('ASAN_OPTIONS', isTool ? [...asan, 'detect_leaks=0'] : asan);
  if (found.includes('UndefinedBehaviorSanitizer')) env.UBSAN_OPTIONS = before('UBSAN_OPTIONS', ubsan);
  const isCounted = found.includes('gcov') && canBeMade(dir);
  if (isCounted) env.GCOV_PREFIX = dir;
  return {
    ...program,
    env: { ...env, ...program.env },
    instruments: found,
    ...(isCounted ? { writes: [dir] } : {}),
  };
}

/**
 * Who allocated what is leaked. The quick unwinder gets no further than `g_malloc` of a GLib without frame pointers: all
 * leaks would be of one place, which tells nothing.
 */
export const wholeStacks = ['fast_unwind_on_malloc=0', 'malloc_context_size=16'];

/**
 * A size that no machine has is an error that QEMU handles, not one of ours. Freed memory is kept from being used again
 * for 64 MiB, not 256: sessions are many. There is no limit on addresses, so there is one on memory.
 */
const asan = [
  'allocator_may_return_null=1',
  'quarantine_size_mb=64',
  'hard_rss_limit_mb=8192',
  ...wholeStacks,
];

/** QEMU goes on after what is undefined, as it does without a sanitizer: more may come of it. */
const ubsan = ['print_stacktrace=1', 'halt_on_error=0'];

/** What the user has set comes last, and wins. */
const before = (name: string, own: readonly string[]): string =>
  [...own, process.env[name]].filter(Boolean).join(':');

function canBeMade(dir: string): boolean {
  try {
    mkdirSync(dir, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** The names in the program itself: one of the words of its command line, or what the script behind it names. */
function symbolNames({ argv }: Program): string | undefined {
  for (const word of argv.filter((each) => each.startsWith('/') && !isLoader(each))) {
    const names = elfSymbolNames(word);
    if (names !== undefined) return names;
    for (const path of namedIn(word)) {
      const named = isOurs(path) ? elfSymbolNames(path) : undefined;
      if (named !== undefined) return named;
    }
  }
  return undefined;
}

/** A fetched program is started by a loader of its own. */
const isLoader = (path: string): boolean => basename(path).startsWith('ld-linux');

const isOurs = (path: string): boolean =>
  roles.flatMap((role) => programNames[role]).some((name) => basename(path).startsWith(name));

function namedIn(script: string): string[] {
  const stat = statSync(script, { throwIfNoEntry: false });
  const isSmall = stat?.isFile() && stat.size < scriptBytesMax;
  return (isSmall ? readFileSync(script, 'latin1') : '').match(/\/[\w.+@/-]+/g) ?? [];
}

const scriptBytesMax = 64 * 2 ** 10;
