import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

type Message = { return?: unknown; error?: { desc: string }; event?: string };

/** A real QEMU program for one test, with just enough QMP to set it up; it goes with the test. */
export type LiveQemu = {
  /** The reply's `return`; throws its error. One command at a time. */
  qmp(name: string, args?: object): Promise<unknown>;
  event(name: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
};

export function storageDaemon(dir: string): Promise<LiveQemu> {
  return live(dir, ['qemu-storage-daemon'], ['--monitor', 'chardev=m'], '--chardev');
}

export function systemEmulator(
  dir: string,
  enter = (command: readonly string[]): string[] => [...command],
): Promise<LiveQemu> {
  const program = enter(['qemu-system-x86_64', '-machine', 'none', '-nodefaults', '-display', 'none']);
  return live(dir, program, ['-mon', 'chardev=m,mode=control'], '-chardev');
}

async function live(dir: string, program: string[], monitor: string[], chardev: string): Promise<LiveQemu> {
  const path = join(dir, 'qmp.sock');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const [file, ...args] = ['setpriv', '--pdeathsig', 'KILL', '--', ...program];
  const child = spawn(file as string, [...args, chardev, `socket,id=m,path=${path}`, ...monitor], {
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const [socket] = await once(server, 'connection');
  server.close();
  socket.on('error', () => {});

  const replies: Message[] = [];
  const events: string[] = [];
  let wake = (): void => {};
  let partial = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const message of lines.map((line): Message => JSON.parse(line))) {
      if (message.event) events.push(message.event);
      else replies.push(message);
    }
    wake();
  });
  async function until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  async function qmp(name: string, args: object = {}): Promise<unknown> {
    socket.write(`${JSON.stringify({ execute: name, arguments: args })}\n`);
    const reply = await until(() => replies.shift());
    if (reply.error) throw new Error(reply.error.desc);
    return reply.return;
  }

  await until(() => replies.shift());
  await qmp('qmp_capabilities');
  return {
    qmp,
    event: async (name) => void (await until(() => events.includes(name) || undefined)),
    signal: (signal) => void child.kill(signal),
  };
}
