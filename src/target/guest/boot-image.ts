import type { Socket } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { confine } from '../confine/sandbox.ts';
import type { ImageFile } from '../images/compare.ts';
import { limits } from '../limits.ts';
import { pc, serialPort } from '../process/command-line.ts';
import { listenOnce } from '../process/listen-once.ts';
import { signalGroup } from '../process/process-group.ts';
import type { Program } from '../programs/binary.ts';
import { openGuestMachine } from './guest-machine.ts';

/** `sums`: of the disk's first `lengthBytes` (word-sums.ts), as the guest read them. */
export type Booted =
  | { outcome: 'read'; bootUs: number; sums: string }
  /** No greeting: `text` is what QEMU said, if it did. */
  | { outcome: 'silent'; text: string }
  | { outcome: 'failed'; text: string };

/**
 * Boots a guest from an image, on a QEMU of its own that has it open read-only, confined to `dir`, which holds the
 * image; the guest reads the disk's begin. Some 0.1 s, and 10 ms for each MiB.
 */
export async function bootImage(
  system: Program,
  image: ImageFile,
  { dir, name, lengthBytes }: { dir: string; name: string; lengthBytes: number },
): Promise<Booted> {
  const socketPath = join(dir, `${name}.sock`);
  const listening = await listenOnce(socketPath);
  const begin = performance.now();
  const [file, ...args] = confine(system, commandLine(image, socketPath), dir);
  const qemu = execa(file as string, args, {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    reject: false,
    extendEnv: true,
    env: system.env,
    cwd: dir,
    forceKillAfterDelay: false,
    detached: true,
  });
  const ended = qemu.then(({ stderr }): Booted => ({ outcome: 'silent', text: lastLine(stderr) }));
  let line: Socket | undefined;
  const booted = listening.socket.then((socket) => {
    line = socket;
    return listen(socket, lengthBytes, begin);
  });
  try {
    return await Promise.race([booted, ended]);
  } finally {
    listening.close();
    signalGroup(qemu.pid, 'SIGKILL');
    await qemu;
    line?.destroy();
  }
}

async function listen(line: Socket, lengthBytes: number, begin: number): Promise<Booted> {
  const guest = openGuestMachine(line);
  const greeted = await within(guest.greeting, limits.guestBootDeadlineMs);
  if (greeted === 'late')
    return { outcome: 'silent', text: `no greeting in ${limits.guestBootDeadlineMs} ms` };
  const bootUs = Math.round((performance.now() - begin) * 1000);
  const read = await within(guest.sums(0x80, lengthBytes), limits.guestSumsDeadlineMs);
  if (read === 'late')
    return { outcome: 'failed', text: `the disk is not read in ${limits.guestSumsDeadlineMs} ms` };
  return 'error' in read
    ? { outcome: 'failed', text: read.error }
    : { outcome: 'read', bootUs, sums: read.sums };
}

function commandLine({ path, format }: ImageFile, socketPath: string): string[] {
  const file = { driver: 'file', filename: path, 'read-only': true };
  const node = { driver: format, 'node-name': 'disk', 'read-only': true, file };
  return [
    ...pc,
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-blockdev', JSON.stringify(node), '-device', 'virtio-blk-pci,drive=disk'],
    ...serialPort(socketPath),
  ];
}

async function within<T>(wanted: Promise<T>, deadlineMs: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), deadlineMs);
  });
  return Promise.race([wanted, late]).finally(() => clearTimeout(timer));
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'QEMU ended without a word';
