import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { QemuTarget } from '../../src/target/programs/binary.ts';

/** A real QEMU that listens for QMP clients, with one drive of 1 MiB of zeroes; it goes with the test. */
export async function listeningQemu(
  { system, img }: QemuTarget,
  dir: string,
): Promise<{ socket: string; drive: string; image: string }> {
  const image = join(dir, 'disk.qcow2');
  const [imgFile, ...imgArgs] = img?.argv ?? [];
  await execa(imgFile as string, [...imgArgs, 'create', '-f', 'qcow2', image, '1M'], { env: img?.env ?? {} });
  const socket = join(dir, 'qemu.sock');
  const drive = 'drive-virtio-disk0';
  const [file, ...args] = ['setpriv', '--pdeathsig', 'KILL', '--', ...(system?.argv ?? [])];
  const options = [
    '-machine',
    'none',
    '-nodefaults',
    '-display',
    'none',
    '-qmp',
    `unix:${socket},server=on,wait=off`,
  ];
  const disk = ['-drive', `if=none,id=${drive},format=qcow2,file=${image}`];
  const child = spawn(file as string, [...args, ...options, ...disk], {
    stdio: 'ignore',
    env: { ...process.env, ...system?.env },
  });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  while (child.exitCode === null && !isListening(socket)) await sleep(10);
  return { socket, drive, image };
}

/** The kernel tells; a connection to find out would take the place of QEMU's one client. */
const isListening = (socket: string): boolean =>
  readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` ${socket}`) && line.split(/\s+/)[3] === '00010000');
