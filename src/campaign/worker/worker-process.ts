import { type ChildProcess, fork } from 'node:child_process';
import { constants } from 'node:os';
import { isolated } from '../../target/confine/isolation.ts';
import { killTree } from '../../target/process/process-tree.ts';
import { limits } from '../limits.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** A process of its own that runs sequences: JSON-like messages go in and out, and it dies with this one. */
export type WorkerProcess = {
  /** It and its QEMUs are in a network that nobody else is in. */
  isolated: boolean;
  send(message: ToWorker): void;
  /** Asks it to take its QEMUs down; SIGKILL after a grace. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Says how it ended; also of one that could not be started. */
  exited: Promise<string>;
};

export function startWorker(hear: (message: FromWorker) => void): WorkerProcess {
  try {
    return forkWorker(hear);
  } catch (error) {
    return unborn((error as Error).message);
  }
}

function forkWorker(hear: (message: FromWorker) => void): WorkerProcess {
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
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(howItEnded(code, signal)));
    // One that is not spawned emits no 'exit'. Otherwise it is a send to one that has just died.
    child.on('error', (error) => child.pid === undefined && resolve(cantStart(error.message)));
  });
  return {
    isolated: apart !== undefined,
    send: (message) => void (child.connected && child.send(message)),
    stop: () => stop(child, exited),
    exited,
  };
}

/** Some failures to spawn are thrown (no memory), some are emitted (no process left). */
const unborn = (why: string): WorkerProcess => ({
  isolated: false,
  send() {},
  stop: () => Promise.resolve(),
  exited: Promise.resolve(cantStart(why)),
});

/** The sandbox around a worker says by 128 + N that a signal ended it. */
function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  const [name] = Object.entries(constants.signals).find(([, number]) => code === 128 + number) ?? [signal];
  return name ? `killed by ${name}` : `exit code ${code}`;
}

const cantStart = (why: string): string => `can't be started: ${why}`;

/** Disconnected, a worker winds down by itself (worker.ts). */
async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => killTree(child.pid), limits.windDownMs);
  await exited;
  clearTimeout(timer);
}

const workerModule = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
);
