import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { Flavour } from '../trace/observation.ts';

/**
 * What mirrorfuzz is measured against: the least that can drive QEMU. No confinement, no recording, no schema, no
 * deadlines; a line in, a line out. It glues commands into packets just as the executor does.
 */
export type BareClient = {
  command(name: string, args?: object): Promise<Message>;
  commands(list: readonly { name: string; args: object }[]): Promise<Message[]>;
  /** The next event of that name for which `fits` holds, or one that has come since the last call. */
  event(name: string, fits: (data: Record<string, unknown>) => boolean): Promise<void>;
  /** Counts of job events from now on; `until` waits for some, not for ever. */
  countEvents(): EventCounts;
  close(): Promise<void>;
};

type EventCounts = {
  ready: number;
  gone: number;
  until(enough: () => boolean, deadlineMs: number): Promise<void>;
};

type Message = Record<string, unknown>;

export async function startBare(target: QemuTarget, flavour: Flavour, dir: string): Promise<BareClient> {
  const path = join(dir, 'bare.sock');
  const program = flavour === 'system' ? target.system : target.daemon;
  if (!program) throw new Error(`${target.label} has no program for ${flavour}`);
  const server = createServer();
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const chardev = `socket,id=m,path=${path}`;
  const options =
    flavour === 'daemon'
      ? ['--chardev', chardev, '--monitor', 'chardev=m']
      : [
          ...['-machine', 'none', '-nodefaults', '-no-user-config', '-display', 'none'],
          ...['-chardev', chardev, '-mon', 'chardev=m,mode=control'],
        ];
  const [file, ...args] = [...program.argv, ...options];
  const child = spawn(file as string, args, { stdio: 'ignore', env: { ...process.env, ...program.env } });
  const socket = await connected;
  server.close();
  return handshake(socket, child);
}

async function handshake(socket: Socket, child: ChildProcess): Promise<BareClient> {
  const waiting = new Map<unknown, (message: Message) => void>();
  const events: Message[] = [];
  let onEvent: (() => void) | undefined;
  let counts: EventCounts | undefined;
  let greet: (() => void) | undefined;
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  let rest = '';
  let id = 0;

  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as Message;
      if (message.QMP) greet?.();
      else if (message.event) {
        events.push(message);
        if (message.event === 'BLOCK_JOB_READY' && counts) counts.ready++;
        if (counts && (message.data as Message).status === 'null') counts.gone++;
        onEvent?.();
      } else {
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
      }
    }
  });
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({});
  });
  const commands: BareClient['commands'] = (list) => {
    let text = '';
    const replies = list.map(({ name, args }) => {
      const given = Object.keys(args).length > 0 ? { arguments: args } : {};
      text += JSON.stringify({ execute: name, ...given, id: ++id });
      const mine = id;
      return new Promise<Message>((resolve) => waiting.set(mine, resolve));
    });
    socket.write(text);
    return Promise.all(replies);
  };
  const client: BareClient = {
    commands,
    command: async (name, args = {}) => (await commands([{ name, args }]))[0] as Message,
    async event(name, fits) {
      for (;;) {
        const at = events.findIndex(
          (event) => event.event === name && fits(event.data as Record<string, unknown>),
        );
        if (at >= 0) {
          events.splice(0, at + 1);
          return;
        }
        await new Promise<void>((resolve) => {
          onEvent = resolve;
        });
      }
    },
    countEvents() {
      events.length = 0;
      counts = {
        ready: 0,
        gone: 0,
        async until(enough, deadlineMs) {
          const endMs = performance.now() + deadlineMs;
          while (!enough() && performance.now() < endMs)
            await Promise.race([
              new Promise<void>((resolve) => {
                onEvent = resolve;
              }),
              new Promise((resolve) => setTimeout(resolve, Math.max(1, endMs - performance.now()))),
            ]);
        },
      };
      return counts;
    },
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      void commands([{ name: 'quit', args: {} }]);
      await gone;
      socket.destroy();
    },
  };
  await greeted;
  await client.command('qmp_capabilities');
  return client;
}
