import { execa } from 'execa';
import { UsageError } from '../errors.ts';
import { limits } from './limits.ts';

/** What is exec'ed: argv[0] and what always follows it, and the variables it needs besides the user's own. */
export type Program = { argv: readonly string[]; env: Readonly<Record<string, string>> };

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

/** Asks a program for `--version`, once where it answers. Throws UsageError where it does not start or is no QEMU. */
export function identify(program: Program): Promise<Identity> {
  const key = JSON.stringify(program);
  let identity = known.get(key);
  if (!identity) {
    identity = ask(program);
    known.set(key, identity);
    identity.catch(() => known.delete(key)); // it may be mended meanwhile
  }
  return identity;
}

const known = new Map<string, Promise<Identity>>();

async function ask({ argv, env }: Program): Promise<Identity> {
  const [file, ...args] = argv;
  const result = await execa(file as string, [...args, '--version'], {
    env,
    reject: false,
    stdin: 'ignore',
    timeout: limits.versionDeadlineMs,
  });
  const identity = result.failed ? undefined : parseVersion(result.stdout);
  if (identity) return identity;
  const name = argv.at(-1) === file ? file : argv.join(' ');
  const said = firstLine(result.stderr) ?? firstLine(result.stdout) ?? firstLine(result.shortMessage ?? '');
  throw new UsageError(
    result.failed
      ? `${name} does not start: ${said}`
      : `${name} is not a QEMU program: --version says ${said ?? 'nothing'}`,
    'a qemu-system-x86_64, a qemu-storage-daemon, a wrapper of one, or a directory that holds them',
  );
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

function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim();
}
