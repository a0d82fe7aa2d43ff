import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Address } from '../../src/target/shim.ts';

type Message = {
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  QMP?: object;
  id?: unknown;
};

/** A QMP client that knows nothing of QMP: it writes bytes, and hears lines. */
export async function rawClient(address: Address) {
  const socket = connect(address as NetConnectOpts);
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  const lines: Message[] = [];
  let partial = '';
  let wake = (): void => {};
  socket.setEncoding('utf8').on('data', (text: string) => {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    lines.push(...parts.map((line): Message => JSON.parse(line)));
    wake();
  });
  async function next(): Promise<Message> {
    for (;;) {
      const line = lines.shift();
      if (line) return line;
      await new Promise<void>((heard) => {
        wake = heard;
      });
    }
  }
  const told: string[] = [];
  return {
    closed,
    next,
    /** An event, be it that it came before the last answer. */
    async hears(event: string): Promise<void> {
      while (!told.includes(event)) {
        const line = await next();
        if (line.event !== undefined) told.push(line.event);
      }
    },
    write: (text: string) => void socket.write(text),
    leave: () => socket.end(),
    /** Writes, and hears up to the answer: the names of the events before it, and the answer. */
    async says(text: string): Promise<{ events: string[]; answer: Message }> {
      socket.write(text);
      const events: string[] = [];
      for (;;) {
        const line = await next();
        if (line.event === undefined) return { events, answer: line };
        events.push(line.event);
        told.push(line.event);
      }
    },
  };
}
