import { type ChildProcess, fork } from 'node:child_process';
import { isolated } from '../target/isolation.ts';
import { killTree } from '../target/process-tree.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** A process of its own that runs sequences: JSON-like messages go in and out, and it dies with this one. */
export type WorkerProcess = {
  /** It and its QEMUs are in a network that nobody else is in. */
  isolated: boolean;
  send(message: ToWorker): void;
  /** Asks it to take its QEMUs down; SIGKILL after a grace. Resolves when it is gone. */
  stop(): Promise<void>;
  exited: Promise<void>;
};

export function startWorker(hear: (message: FromWorker) => void): WorkerProcess {
  // Most of a worker's code runs seldom: compiled without optimizing, at once, it costs a twelfth less.
  const node = [process.execPath, ...process.execArgv, '--always-sparkplug'];
  const apart = isolated(node);
  const [execPath, ...execArgv] = apart ?? node;
  const child = fork(workerModule, [], {
    // Traces are plain data, and as structured clones they keep what JSON would not (NaN, undefined).
    serialization: 'advanced',
    execPath: execPath as string,
    execArgv,
    // A terminal's Ctrl-C is the campaign's to understand; the sandbox's monitor would just die of it.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (message: FromWorker | { kind: 'text'; text: string }) =>
    hear(message.kind === 'text' ? (JSON.parse(message.text) as FromWorker) : message),
  );
  child.on('error', () => {}); // a send to one that has just died; `exited` tells
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    isolated: apart !== undefined,
    send: (message) => void child.send(message),
    stop: () => stop(child, exited),
    exited,
  };
}

/** Disconnected, a worker winds down by itself (worker.ts). */
async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => killTree(child.pid), windDownMs);
  await exited;
  clearTimeout(timer);
}

/** Killing a QEMU and removing its directory takes milliseconds; a full disk may take its time. */
const windDownMs = 5_000;

const workerModule = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
);
