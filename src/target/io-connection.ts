import type { GuestOp } from '../trace/observation.ts';
import { ioCommand, parseReports } from './io-command.ts';
import type { IoConsole } from './io-console.ts';
import { createLedger, type GuestResult } from './io-ledger.ts';
import { limits } from './limits.ts';

/** An NBD export of the QEMU under test. */
export type NbdExport = { socket: string; export: string };

/** One qemu-io process, the export it has open, and what was asked of it. Methods as in guest-writer.ts. */
export type IoConnection = {
  open(where: NbdExport): Promise<'ok' | { error: string }>;
  submit(op: GuestOp): Promise<GuestResult>;
  close(): Promise<void>;
  kill(): void;
  exited(): boolean;
  pid(): number | undefined;
};

export const notOpen: GuestResult = { result: 'disconnected', text: 'no export is open' };
const lost: GuestResult = { result: 'disconnected', text: 'qemu-io ended' };

export function createConnection(console: IoConsole): IoConnection {
  const queue: { op: GuestOp; settle: (result: GuestResult) => void }[] = [];
  const ledger = createLedger();
  let where: NbdExport = { socket: '', export: '' };
  let isOpen = false;
  let isClosing = false;
  /** A request failed: QEMU may have hung up. */
  let suspect = false;
  /** Set back by the pump itself, in the same turn as its last look at the queue. */
  let pumping: Promise<void> | undefined;
  let wakePump = (): void => {};

  function submit(op: GuestOp): Promise<GuestResult> {
    if (!isOpen || isClosing || console.exited()) return Promise.resolve(notOpen);
    return new Promise((settle) => {
      queue.push({ op, settle });
      wakePump();
      pumping ??= pump();
    });
  }

  /** Sends what is queued, and while something is in flight pokes qemu-io for news: it prints at its prompt only. */
  async function pump(): Promise<void> {
    let quietSinceMs = performance.now();
    while (!console.exited() && (queue.length > 0 || ledger.size() > 0)) {
      const next = queue.shift();
      if (next) await send(next.op, next.settle);
      const isNews = next !== undefined || hear(await console.exchange('')) !== undefined;
      if (isNews) quietSinceMs = performance.now();
      else await quietFor(performance.now() - quietSinceMs);
    }
    pumping = undefined;
    if (!console.exited()) return;
    for (const { settle } of queue.splice(0)) settle(lost);
    ledger.settleAll(lost);
  }

  async function send(op: GuestOp, settle: (result: GuestResult) => void): Promise<void> {
    if (suspect && ledger.size() === 0) await connectAnew();
    if (!isOpen) return settle(console.exited() ? lost : notOpen);
    const command = ioCommand(op);
    const takeBack = command.kind === 'request' ? ledger.add({ ...command, settle }) : () => true;
    const answer = await console.exchange(command.line);
    const complaint = hear(answer)?.complaint;
    if (complaint !== undefined) {
      if (takeBack()) settle({ result: 'error', text: complaint });
    } else if (command.kind === 'wait') {
      settle(answer === undefined ? lost : { result: 'ok' });
    }
  }

  /** Books what qemu-io printed; undefined where it printed nothing. */
  function hear(output: string | undefined): { complaint?: string } | undefined {
    if (!output) return undefined;
    const heard: { complaint?: string } = {};
    for (const report of parseReports(output)) {
      if (report.kind === 'done') {
        ledger.done(report.verb, report.offsetBytes, report.lengthBytes);
      } else if (report.kind === 'failed') {
        suspect = true;
        ledger.failed(report.verb, report.text);
      } else {
        heard.complaint = report.text;
      }
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

  async function open(wanted: NbdExport): Promise<'ok' | { error: string }> {
    where = wanted;
    const answer = await inTime(connect(), limits.guestOpenDeadlineMs);
    if (answer === 'late') console.kill();
    if (answer === 'late' || answer === undefined) return { error: 'no answer to opening the export' };
    return isOpen ? 'ok' : { error: answer };
  }

  /** What qemu-io says to it, nothing where it went well. Without `-t` every write would carry FUA. */
  async function connect(): Promise<string | undefined> {
    const file = exportFileName(where);
    let answer = await console.exchange(`open -t writeback ${file}`);
    if (answer && readOnly.test(answer)) answer = await console.exchange(`open -r ${file}`);
    isOpen = answer === '';
    suspect = false;
    return answer?.replace(`device ${file}`, `export "${where.export}"`).trim();
  }

  /** QEMU's NBD server hangs up on a client whose read fails ("Failed to send reply"); a guest's disk would stay. */
  async function connectAnew(): Promise<void> {
    await console.exchange('close');
    await connect();
  }

  async function close(): Promise<void> {
    isClosing = true;
    const closed = (async () => {
      await pumping;
      if (isOpen) await console.exchange('close');
    })();
    if ((await inTime(closed, limits.guestCloseDeadlineMs)) === 'late') console.kill();
    isOpen = false;
    isClosing = false;
  }

  return { open, submit, close, kill: console.kill, exited: console.exited, pid: console.pid };
}

/** What 5.2 and what later versions say to opening a read-only export for writing. */
const readOnly = /export is read-only|Permission denied/;

/** A `json:` name, so that no comma of a path splits it; qemu-io splits its commands at blanks, hence the escape. */
function exportFileName(where: NbdExport): string {
  const options = { driver: 'nbd', server: { type: 'unix', path: where.socket }, export: where.export };
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
