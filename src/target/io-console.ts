import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import type { Program } from './binary.ts';
import { limits } from './limits.ts';

/** A qemu-io process that takes one command at a time. */
export type IoConsole = {
  /**
   * Sends one line and resolves with all that was printed up to the next prompt, also about earlier requests;
   * undefined once the process is gone. One at a time: qemu-io reads a line with fgets() when its stdin becomes
   * readable, so a second line in the same packet would lie in stdio's buffer unseen.
   */
  exchange(line: string): Promise<string | undefined>;
  kill(): void;
  exited(): boolean;
  pid(): number | undefined;
};

/** Throws EnvironmentError where no prompt comes. */
export async function startIoConsole(program: Program): Promise<IoConsole> {
  const child = execa('sh', ['-c', launch, 'sh', ...program.argv], {
    env: program.env,
    extendEnv: true,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
    buffer: false,
    reject: false,
    // A process group of its own: ^C must not end requests that we then report as cut off by QEMU.
    detached: true,
  });
  let prompt = '';
  let printed = '';
  let gone = false;
  let answer: ((output: string | undefined) => void) | undefined;

  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (prompt === '') prompt = /(?:^|\n)(\S+> )$/.exec(printed)?.[1] ?? '';
    if (prompt === '' || !printed.endsWith(prompt)) return;
    const output = printed.slice(0, -prompt.length);
    printed = '';
    take()?.(output);
  });
  void child.then(() => {
    gone = true;
    take()?.(undefined);
  });

  function take(): typeof answer {
    const taken = answer;
    answer = undefined;
    return taken;
  }
  function nextOutput(): Promise<string | undefined> {
    return new Promise((resolve) => {
      answer = resolve;
    });
  }
  function kill(): void {
    if (gone || child.pid === undefined) return;
    gone = true;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
    take()?.(undefined);
  }

  const timer = setTimeout(kill, limits.guestStartDeadlineMs);
  const started = await nextOutput();
  clearTimeout(timer);
  if (started === undefined) {
    throw new EnvironmentError(
      `qemu-io does not start: ${printed.trim() || 'no prompt came'}`,
      'mirrorfuzz doctor',
    );
  }
  return {
    async exchange(line) {
      if (gone) return undefined;
      if (answer !== undefined) throw new Error('qemu-io still has a command to answer');
      const output = nextOutput();
      child.stdin.write(`${line}\n`);
      return output;
    },
    kill,
    exited: () => gone,
    pid: () => (gone ? undefined : child.pid),
  };
}

/**
 * One pipe for stdout and stderr keeps their order: an error text comes before the prompt that follows it. The death
 * signal outlives each exec, so qemu-io, in this same process, dies with us however we die.
 */
const launch = `
if command -v setpriv >/dev/null 2>&1; then exec setpriv --pdeathsig KILL -- "$@" 2>&1; fi
exec "$@" 2>&1`;
