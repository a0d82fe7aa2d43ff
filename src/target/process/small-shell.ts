import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Program } from '../programs/binary.ts';
import { signalGroup } from './process-group.ts';

/** How a program ended. `code`: as a shell gives it, over 128 where a signal did it; undefined where it had to be killed. */
export type Ended = { code: number | undefined; stdout: string; stderr: string };

/**
 * Runs a program to its end from a shell that is kept. A process that starts another is copied first, page tables and
 * all: of ours that takes 10 to 20 ms in which nothing else happens, of a small shell half a millisecond. Shells are one
 * program at a time each; they end with this process, since their input does. `dir` is where the program is at home.
 */
export async function runFromShell(
  program: Program,
  args: readonly string[],
  deadlineMs: number,
  dir?: string,
): Promise<Ended> {
  const shell = idle.pop() ?? startShell();
  const ended = await shell.run(commandLine(program, args, dir), deadlineMs);
  if (shell.isAlive()) idle.push(shell);
  return ended;
}

const idle: Shell[] = [];

type Shell = { run(line: string, deadlineMs: number): Promise<Ended>; isAlive(): boolean };

function startShell(): Shell {
  // Its own process group: a terminal's Ctrl-C is for us, and at a deadline the program goes with it.
  const child = spawn('/bin/sh', [], { stdio: 'pipe', detached: true });
  const [stdout, stderr] = [untilMark(child.stdout), untilMark(child.stderr)];
  let alive = true;
  child.on('error', end);
  child.on('close', end);
  child.stdin.on('error', () => {}); // one that has just died; `close` says so
  keepsUsAlive(child, false);

  return {
    isAlive: () => alive,
    async run(line, deadlineMs) {
      keepsUsAlive(child, true);
      const timer = setTimeout(kill, deadlineMs);
      child.stdin.write(`${line}\n`);
      const [said, complaints] = await Promise.all([stdout.next(), stderr.next()]);
      clearTimeout(timer);
      keepsUsAlive(child, false);
      // The code stands behind a mark of its own.
      const at = said.lastIndexOf(mark);
      if (!alive || at === -1) return { code: undefined, stdout: said, stderr: complaints };
      return { code: Number(said.slice(at + 1)), stdout: said.slice(0, at), stderr: complaints };
    },
  };

  function end(): void {
    alive = false;
    stdout.end();
    stderr.end();
  }

  /** Not even a grandchild that has left the group, and still holds the pipes, is waited for. */
  function kill(): void {
    signalGroup(child.pid, 'SIGKILL');
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    end();
  }
}

/** What no text of a program holds; a line feed behind it ends what belongs to one program. */
const mark = '\0';

function commandLine({ argv, env }: Program, args: readonly string[], dir = '/'): string {
  const set = Object.entries(env ?? {}).map(([name, value]) => `${name}=${quoted(value ?? '')}`);
  const command = [...set, ...[...argv, ...args].map(quoted)].join(' ');
  return `cd ${quoted(dir)} 2>/dev/null || cd /; ${command} </dev/null; printf '\\0%d\\0\\n' $?; printf '\\0\\n' >&2`;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

function untilMark(stream: Readable): { next(): Promise<string>; end(): void } {
  let text = '';
  let over = false;
  let waiting: ((text: string) => void) | undefined;
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.endsWith(`${mark}\n`)) hand();
  });
  return {
    next: () =>
      over
        ? Promise.resolve(text)
        : new Promise((resolve) => {
            waiting = resolve;
          }),
    end() {
      over = true;
      hand();
    },
  };

  function hand(): void {
    const whole = text.endsWith(`${mark}\n`) ? text.slice(0, -2) : text;
    text = '';
    waiting?.(whole);
    waiting = undefined;
  }
}

/** An idle shell is no reason for this process to stay. */
function keepsUsAlive(child: ChildProcessByStdio<Writable, Readable, Readable>, busy: boolean): void {
  const parts = [child, child.stdin, child.stdout, child.stderr] as unknown as {
    ref(): void;
    unref(): void;
  }[];
  for (const part of parts) busy ? part.ref() : part.unref();
}
