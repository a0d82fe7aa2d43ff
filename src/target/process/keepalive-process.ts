import { once } from 'node:events';
import { execa } from 'execa';

/** A process that only holds something of the kernel's, a namespace or a device, for as long as we are there. */
export type Holder = {
  pid: number;
  /** What it said when it had it. */
  said: string;
  /** Its end: at once, and nothing else is asked of it. */
  kill(): void;
  /** The same, and waited for. */
  end(): Promise<void>;
};

/**
 * Starts it, and waits for its first line. The command must end when its stdin does, which it reads last (`exec cat`):
 * that is how it ends with us, however we end. Throws an Error with its last words where it says nothing.
 */
export async function startHolder(command: string, args: readonly string[]): Promise<Holder> {
  const child = execa(command, args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false },
    reject: false,
    // A terminal's Ctrl-C is for us.
    detached: true,
  });
  const first = once(child.stdout, 'data').then(([said]) => ({ said: `${said}`.trim() }));
  const begun = await Promise.race([first, child]);
  if (child.pid === undefined || !('said' in begun)) {
    const { stderr } = await child;
    throw new Error(stderr?.trim().split('\n').at(-1) || 'it said nothing');
  }
  return {
    pid: child.pid,
    said: begun.said,
    kill: () => void child.kill('SIGKILL'),
    async end() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
