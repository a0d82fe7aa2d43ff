import type { GuestOp } from '../trace/observation.ts';
import type { Program } from './binary.ts';
import { createConnection, type IoConnection, type NbdExport, notOpen } from './io-connection.ts';
import { startIoConsole } from './io-console.ts';
import type { GuestResult } from './io-ledger.ts';

/**
 * The guest, played from outside QEMU: one qemu-io process on an NBD export. It persists over many sequences; between
 * them the export is closed and the next one opened. Writes, zeroes and reads are in flight side by side; a discard
 * or a flush holds up those submitted after it, and a flush first waits for those before it (io-command.ts says why).
 */
export type GuestWriter = {
  /**
   * Opens the export, closing the one before; a read-only one opens, and refuses writes later.
   * Throws EnvironmentError where qemu-io does not start.
   */
  open(where: NbdExport): Promise<'ok' | { error: string }>;
  /** `done` never rejects; it stays open as long as QEMU holds the request, or until `abandon`. */
  submit(op: GuestOp): { done: Promise<GuestResult> };
  /** Waits for all that was submitted and lets go of the export; past a deadline it abandons instead. */
  close(): Promise<void>;
  /** Kills qemu-io: all that is unanswered ends as `disconnected`. The next `open` starts another. */
  abandon(): void;
  /** As `abandon`, for good. */
  stop(): void;
  /** qemu-io's process, while there is one. */
  pid(): number | undefined;
};

export function startGuestWriter({ io }: { io: Program }): GuestWriter {
  let current: IoConnection | undefined;
  let stopped = false;

  async function close(): Promise<void> {
    if (current?.exited() === false) await current.close();
  }
  function abandon(): void {
    current?.kill();
    current = undefined;
  }
  return {
    async open(where) {
      await close();
      if (!stopped && current?.exited() !== false) current = createConnection(await startIoConsole(io));
      if (stopped) abandon();
      return current?.open(where) ?? { error: 'the guest writer was stopped' };
    },
    submit: (op) => ({ done: current?.submit(op) ?? Promise.resolve(notOpen) }),
    close,
    abandon,
    stop() {
      stopped = true;
      abandon();
    },
    pid: () => current?.pid(),
  };
}
