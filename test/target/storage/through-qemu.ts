import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Json } from '../../../src/sequence/step.ts';
import type { Reach } from '../../../src/target/confine/sandbox.ts';
import { connectNbd, type RequestEnd } from '../../../src/target/guest/nbd-connection.ts';
import { errnoText } from '../../../src/target/guest/nbd-wire.ts';
import { startSession } from '../../../src/target/process/session.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import type { Served } from '../../../src/target/storage/storage.ts';
import type { Flavour } from '../../../src/trace/observation.ts';

/** A guest's requests, each of 4 KiB at an offset that is a multiple of it, or of as many bytes as given. */
export type Guest = {
  /** `ok`, the error's text, or `gone`. */
  write(offsetBytes: number, byte: number, lengthBytes?: number): Promise<string>;
  zero(offsetBytes: number): Promise<string>;
  discard(offsetBytes: number): Promise<string>;
  /** The byte that it finds at the offset, or the error's text. */
  read(offsetBytes: number): Promise<number | string>;
  /** Adds a node: undefined, or QEMU's refusal. */
  add(node: Record<string, Json>): Promise<string | undefined>;
  /** QEMU ends, and has closed the image. */
  quit(): Promise<void>;
};

/** A real QEMU that has the served image as its raw disk, and a guest that writes to it. Both go with the test. */
export async function throughQemu(
  target: QemuTarget,
  served: Served,
  { dir, flavour, ...reach }: { dir: string; flavour: Flavour } & Reach,
): Promise<Guest> {
  const session = await startSession({ target, flavour, dir, ...reach });
  onTestFinished(async () => {
    session.kill();
    await session.exit;
  });
  async function qmp(name: string, args: Record<string, Json>): Promise<string | undefined> {
    const answer = await session.client.command(name, args, { id: session.nextCommandId() }).reply;
    if (answer.kind !== 'reply') return 'QEMU is gone';
    return answer.error?.desc;
  }
  const socket = join(dir, 'guest.sock');
  const file = { ...served.node, 'node-name': 'disk-file', discard: 'unmap' };
  const disk = { driver: 'raw', 'node-name': 'disk', file: 'disk-file', discard: 'unmap' };
  expect(await qmp('nbd-server-start', { addr: { type: 'unix', data: { path: socket } } })).toBeUndefined();
  expect(await qmp('blockdev-add', file)).toBeUndefined();
  expect(await qmp('blockdev-add', disk)).toBeUndefined();
  expect(
    await qmp('block-export-add', { type: 'nbd', id: 'guest', 'node-name': 'disk', writable: true }),
  ).toBeUndefined();
  const connection = connectNbd({ socket, export: 'disk' });
  expect(await connection.opened).not.toHaveProperty('error');
  onTestFinished(() => connection.destroy());

  const at = (offsetBytes: number) => ({ offsetBytes, lengthBytes: 4096 });
  return {
    write: async (offsetBytes, byte, lengthBytes = 4096) =>
      told(
        await connection.request(
          { command: 'write', offsetBytes, lengthBytes },
          Buffer.alloc(lengthBytes, byte),
        ),
      ),
    zero: async (offset) => told(await connection.request({ command: 'writeZeroes', ...at(offset) })),
    discard: async (offset) => told(await connection.request({ command: 'trim', ...at(offset) })),
    async read(offset) {
      const end = await connection.request({ command: 'read', ...at(offset) });
      return end.end === 'ok' ? (end.bytes[0] as number) : told(end);
    },
    add: (node) => qmp('blockdev-add', node),
    quit: () => session.stop(),
  };
}

function told(end: RequestEnd): string {
  return end.end === 'error' ? errnoText(end.errno) : end.end;
}
