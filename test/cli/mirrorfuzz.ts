import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { binary } from './program-path.ts';

export type Ended = { code: number | null; signal: string | null; stdout: string; stderr: string };

export type Running = {
  pid: number;
  /** Resolves as soon as stdout or stderr holds the text. */
  says(text: string): Promise<void>;
  /** What it has printed so far. */
  stdout(): string;
  /** To the whole process group, as a terminal's Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void;
  kill(): void;
  ended: Promise<Ended>;
};

/** The program itself, as users start it, in a process group of its own. */
export function start(args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(binary, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid as number;
  let stdout = '';
  let stderr = '';
  let wake = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid,
    async says(text) {
      while (!stdout.includes(text) && !stderr.includes(text))
        await Promise.race([new Promise<void>((heard) => (wake = heard)), ended]);
    },
    stdout: () => stdout,
    signalGroup: (signal) => void process.kill(-pid, signal),
    kill: () => void child.kill('SIGKILL'),
    ended,
  };
}

export const mirrorfuzz = (args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> => start(args, env).ended;

export { binary };

/** Every process below `pid`, in whatever process group or session. */
export function descendants(pid: number): number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return [];
  }
  return children
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => [child, ...descendants(child)]);
}

export function isAlive(pid: number): boolean {
  try {
    return !/^State:\t[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
