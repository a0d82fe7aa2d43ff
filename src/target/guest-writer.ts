import type { GuestOp } from '../trace/observation.ts';
import type { Program } from './binary.ts';
import { ioCommand, parseReports } from './io-command.ts';
import { type IoConsole, startIoConsole } from './io-console.ts';
import { createLedger, type GuestResult } from './io-ledger.ts';
import { limits } from './limits.ts';

/** An NBD export of the QEMU under test. */
export type NbdExport = { socket: string; export: string };

/**
 * The guest, played from outside QEMU: one qemu-io process on an NBD export. It persists over many sequences; between
 * them the export is closed and the next one opened. Writes, zeroes and reads are in flight side by side; a discard
 * or a flush holds up those submitted after it, and a flush first waits for those before it (io-command.ts says why).
 */
export type GuestWriter = {
  /** Opens the export, closing the one before; one that is read-only refuses writes later. Throws EnvironmentError where qemu-io does not start. */
  open(where: NbdExport): Promise<'ok' | { error: string }>;
  /** `done` never rejects; it stays open as long as QEMU holds the request, or until `abandon`. */
  submit(op: GuestOp): { done: Promise<GuestResult> };
  /** Waits for what is in flight and lets go of the export; past a deadline it abandons instead. */
  close(): Promise<void>;
  /** Kills qemu-io: all that is unanswered ends as `disconnected`. The next `open` starts another. */
  abandon(): void;
  /** As `abandon`, for good. */
  stop(): void;
  /** qemu-io's process, while there is one. */
  pid(): number | undefined;
};

export function startGuestWriter({ io }: { io: Program }): GuestWriter {
  let current: Connection | undefined;
  let stopped = false;

  async function close(): Promise<void> {
    if (current?.console.exited() === false) await current.close();
  }
  function abandon(): void {
    current?.console.kill();
    current = undefined;
  }
  return {
    async open(where) {
      if (stopped) return { error: 'the guest writer was stopped' };
      await close();
      if (current === undefined || current.console.exited()) current = connection(await startIoConsole(io));
      return current.open(where);
    },
    submit: (op) => ({ done: current?.submit(op) ?? Promise.resolve(notOpen) }),
    close,
    abandon,
    stop() {
      stopped = true;
      abandon();
    },
    pid: () => current?.console.pid(),
  };
}

const notOpen: GuestResult = { result: 'disconnected', text: 'no export is open' };

/** One qemu-io process and what was asked of it. */
type Connection = ReturnType<typeof connection>;

function connection(console: IoConsole) {
  type Waiting = { op: GuestOp; settle: (result: GuestResult) => void };
  const queue: Waiting[] = [];
  const ledger = createLedger();
  let isOpen = false;
  /** Set back by the pump itself, in the same turn as its last look at the queue. */
  let pumping: Promise<void> | undefined;
  let wakePump = (): void => {};

  function submit(op: GuestOp): Promise<GuestResult> {
    if (!isOpen || console.exited()) return Promise.resolve(notOpen);
    return new Promise((settle) => {
      queue.push({ op, settle });
      wakePump();
      pumping ??= pump();
    });
  }

  /** Sends what is queued, and while something is in flight pokes qemu-io for news of it. */
  async function pump(): Promise<void> {
    let quietSinceMs = performance.now();
    while (!console.exited() && (queue.length > 0 || ledger.size() > 0)) {
      const next = queue.shift();
      if (next) {
        await send(next);
        quietSinceMs = performance.now();
      } else if (hear(await console.exchange(''))) {
        quietSinceMs = performance.now();
      } else {
        await quietFor(performance.now() - quietSinceMs);
      }
    }
    pumping = undefined;
    if (!console.exited()) return;
    const lost: GuestResult = { result: 'disconnected', text: 'qemu-io ended' };
    for (const { settle } of queue.splice(0)) settle(lost);
    ledger.settleAll(lost);
  }

  async function send({ op, settle }: Waiting): Promise<void> {
    const command = ioCommand(op);
    if (command.kind === 'request') {
      const takeBack = ledger.add({ ...command, settle });
      const refusal = hear(await console.exchange(command.line))?.refusal;
      if (refusal !== undefined && takeBack()) settle({ result: 'error', text: refusal });
      return;
    }
    const answer = await console.exchange(command.line);
    if (answer === undefined) return settle({ result: 'disconnected', text: 'qemu-io ended' });
    const heard = hear(answer);
    const failure = heard?.failure ?? heard?.refusal;
    settle(failure === undefined ? { result: 'ok' } : { result: 'error', text: failure });
  }

  /** Books what qemu-io printed; undefined where it printed nothing. */
  function hear(output: string | undefined): { failure?: string; refusal?: string } | undefined {
    if (!output) return undefined;
    const heard: { failure?: string; refusal?: string } = {};
    for (const report of parseReports(output)) {
      if (report.kind === 'done') ledger.done(report.verb, report.offsetBytes, report.lengthBytes);
      else if (report.kind === 'failed') ledger.failed(report.verb, report.text);
      else if (report.kind === 'command-failed') heard.failure = report.text;
      else if (report.kind === 'refused') heard.refusal = report.text;
    }
    return heard;
  }

  /** Nothing new: ask again at once for a while, then ever more seldom, but hurry when something is submitted. */
  function quietFor(quietMs: number): Promise<void> | undefined {
    if (quietMs < limits.guestPokeEagerMs) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(limits.guestPokeIdleMs, quietMs / 2));
      wakePump = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function open(where: NbdExport): Promise<'ok' | { error: string }> {
    const file = exportFileName(where);
    const answered = (async () => {
      const answer = await console.exchange(`open -t writeback ${file}`);
      return answer?.includes('read-only') ? console.exchange(`open -r ${file}`) : answer;
    })();
    const answer = await inTime(answered, limits.guestOpenDeadlineMs);
    if (answer === 'late') console.kill();
    if (answer === 'late' || answer === undefined) return { error: 'no answer to opening the export' };
    isOpen = answer === '';
    return isOpen ? 'ok' : { error: answer.replace(`device ${file}`, `export "${where.export}"`).trim() };
  }

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    const closed = (async () => {
      await pumping;
      hear(await console.exchange('close'));
    })();
    if ((await inTime(closed, limits.guestCloseDeadlineMs)) === 'late') console.kill();
  }

  return { console, open, submit, close };
}

/**
 * A `json:` file name, so that no comma of a path splits it; qemu-io splits its commands at blanks, hence the escape.
 */
function exportFileName(where: NbdExport): string {
  const server = { type: 'unix', path: where.socket };
  const options = { driver: 'nbd', server, export: where.export };
  return `json:${JSON.stringify(options).replaceAll(' ', '\\u0020')}`;
}

async function inTime<T>(promise: Promise<T>, deadlineMs: number): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), deadlineMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
