import type { Socket } from 'node:net';

/** Exactly as many bytes as asked for, one call at a time; rejects once they can't come any more. */
export type Take = (lengthBytes: number) => Promise<Buffer>;

/** `hungUp`: what the error says where the peer ended the stream. */
export function byteReader(socket: Socket, hungUp: string): Take {
  let wake = (): void => {};
  let failure: Error | undefined;
  socket.on('readable', () => wake());
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => wake());

  return async (lengthBytes) => {
    if (lengthBytes === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes: Buffer | null = socket.read(lengthBytes);
      if (bytes?.length === lengthBytes) return bytes;
      // At the end of the stream read() gives what is left, however short.
      if (bytes || socket.destroyed) throw failure ?? new Error(hungUp);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
