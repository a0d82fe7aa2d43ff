import { spawn } from 'node:child_process';
import { signalGroup } from '../process/process-group.ts';
import type { Program } from './program.ts';

/** How a program that was asked for something ended. `late`: it had to be killed at the deadline. */
export type ProgramAnswer =
  | { outcome: 'ended'; code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }
  | { outcome: 'late'; stdout: string; stderr: string }
  | { outcome: 'not-started'; why: string };

/**
 * Starts a program, waits for its end, and reads what it says. At the deadline its whole process group is killed: a
 * wrapper script that hangs has the program that hangs as its child. The answer comes at the deadline even where a
 * grandchild has left the group and still holds the pipes.
 */
export function askProgram(
  { argv, env }: Program,
  args: readonly string[],
  { deadlineMs, cwd }: { deadlineMs: number; cwd?: string },
): Promise<ProgramAnswer> {
  const [file, ...first] = argv;
  return new Promise((resolve) => {
    const child = spawn(file as string, [...first, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      // Its own process group, to be killed as one; and a terminal's Ctrl-C is for us.
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (said[name].length < keptChars) said[name] += text;
      });
    const timer = setTimeout(() => {
      signalGroup(child.pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ outcome: 'late', ...said });
    }, deadlineMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ outcome: 'not-started', why: error.message });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ outcome: 'ended', code, signal, ...said });
    });
  });
}

/** A program that says more than this has nothing to say: `-L help` and `--version` take a few lines. */
const keptChars = 2 ** 20;

/** What it said first, which with a program that does not start is why. */
export function lastWords(answer: ProgramAnswer): string {
  if (answer.outcome === 'not-started') return answer.why;
  const said = firstLine(answer.stderr) ?? firstLine(answer.stdout);
  if (said !== undefined) return said;
  if (answer.outcome === 'late') return 'it says nothing';
  return answer.signal
    ? `it is ended by ${answer.signal}`
    : `it ends with code ${answer.code} and says nothing`;
}

function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim();
}
