import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Network } from '../../../src/target/confine/network.ts';

/** A disk that qemu-io holds open inside a network, as a guest would: it goes with the test. */
export type OpenDisk = {
  /** A command of qemu-io, and all it says to that, errors of the driver among it. */
  ask(command: string): Promise<string>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
};

/** Resolves when it is open; throws what qemu-io says where it can't. */
export async function openDisk(network: Network, url: string): Promise<OpenDisk> {
  const [file, ...args] = network.enter([
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    'qemu-io',
    '-f',
    'raw',
    url,
  ]);
  const child = spawn(file as string, args, { stdio: 'pipe' });
  const exit = once(child, 'close');
  const disk: OpenDisk = {
    async ask(command) {
      child.stdin.write(`${command}\n`);
      return upToPrompt();
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
  onTestFinished(() => disk.kill());

  let said = '';
  let wake = (): void => {};
  const hear = (text: string): void => {
    said += text;
    wake();
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  child.stdin.on('error', () => {});
  const ended = exit.then(() => {
    throw new Error(said);
  });
  ended.catch(() => {});
  async function upToPrompt(): Promise<string> {
    while (!said.includes(prompt)) {
      const more = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await Promise.race([more, ended]);
    }
    const text = said.replace(prompt, '');
    said = '';
    return text;
  }
  await upToPrompt();
  return disk;
}

const prompt = 'qemu-io> ';
