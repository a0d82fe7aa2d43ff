import { UsageError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { askProgram, lastWords } from './ask-program.ts';
import type { Instrument } from './instruments.ts';

/** What is exec'ed: argv[0] and what always follows it, and the variables it needs besides the user's own. */
export type Program = {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** What confining it has to leave it, where that was tried; else it is guessed from `argv`. */
  needs?: Needs;
  /** What it was built with to watch itself. */
  instruments?: readonly Instrument[];
  /** Directories of its own that it writes, confined too: a gcov build's counters. */
  writes?: readonly string[];
};

/** `reads`: of the host, besides the system's own programs and libraries; `wide`: all of it but its secrets. */
export type Needs = {
  reads: readonly string[];
  wide?: true;
  /** No limit on its address space. */
  memory?: 'unlimited';
  /** It writes temporary files when it starts: TMPDIR is its own directory. */
  temporary?: true;
  /** The user asked for that. */
  unconfined?: true;
};

export const roles = ['system', 'daemon', 'img', 'nbd'] as const;
export type Role = (typeof roles)[number];
export type Programs = Partial<Record<Role, Program>>;

/** The names a role's program goes by; the first is the one to show. */
export const programNames: Record<Role, readonly string[]> = {
  system: ['qemu-system-x86_64', 'qemu-kvm'],
  daemon: ['qemu-storage-daemon'],
  img: ['qemu-img'],
  nbd: ['qemu-nbd'],
};

export type Identity = { role: Role; version: string };

/**
 * Asks a program for `--version`, once where it answers or hangs. Throws UsageError where it does not start, does not
 * answer or is no QEMU.
 */
export function identify(program: Program): Promise<Identity> {
  const key = JSON.stringify(program);
  let identity = known.get(key);
  if (!identity) {
    identity = ask(program);
    known.set(key, identity);
    // It may be mended meanwhile. One that hangs costs its deadline once.
    identity.catch((error) => error instanceof NoAnswer || known.delete(key));
  }
  return identity;
}

const known = new Map<string, Promise<Identity>>();

class NoAnswer extends UsageError {}

async function ask(program: Program): Promise<Identity> {
  const answer = await askProgram(program, ['--version'], { deadlineMs: limits.versionDeadlineMs });
  const isWell = answer.outcome === 'ended' && answer.code === 0;
  const identity = isWell ? parseVersion(answer.stdout) : undefined;
  if (identity) return identity;
  const name = nameOf(program);
  const remedy =
    'a qemu-system-x86_64, a qemu-storage-daemon, a wrapper of one, or a directory that holds them';
  const said = lastWords(answer);
  if (isWell) throw new UsageError(`${name} is not a QEMU program: --version says ${said}`, remedy);
  if (answer.outcome !== 'late') throw new UsageError(`${name} does not start: ${said}`, remedy);
  const seconds = limits.versionDeadlineMs / 1000;
  throw new NoAnswer(`${name} hangs: --version is not answered within ${seconds} s (${said})`, remedy);
}

/** A fetched program is known by its loader's whole command line. */
function nameOf({ argv }: Program): string {
  return argv.length === 1 ? (argv[0] as string) : argv.join(' ');
}

/** `QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)` is system 7.2.22. */
export function parseVersion(text: string): Identity | undefined {
  for (const { role, pattern } of banners) {
    const version = pattern.exec(text)?.[1];
    if (version) return { role, version };
  }
  return undefined;
}

const banners: readonly { role: Role; pattern: RegExp }[] = [
  { role: 'system', pattern: /^QEMU emulator version (\d[\w.+-]*)/m },
  { role: 'daemon', pattern: /^qemu-storage-daemon version (\d[\w.+-]*)/m },
  { role: 'img', pattern: /^qemu-img version (\d[\w.+-]*)/m },
  { role: 'nbd', pattern: /^\S*qemu-nbd (\d[\w.+-]*)/m }, // says its own path first
];
