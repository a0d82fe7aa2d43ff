import { dirname } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { runFromShell } from '../process/small-shell.ts';
import type { Program } from '../programs/binary.ts';

/**
 * How a run of qemu-img ended. `code` is undefined where a signal or the deadline ended it; `error` says what went wrong.
 * `cutShort`: it was killed, or took too long, which says nothing of the image.
 */
export type ImageToolResult = { code: number | undefined; stdout: string; error: string; cutShort?: true };

/** An image that could not be looked at; `untried`: for a reason that is not the image's. */
export type NotRead = { outcome: 'unreadable' | 'untried'; text: string };

export const notRead = (command: string, { code, error, cutShort }: ImageToolResult): NotRead => ({
  outcome: cutShort ? 'untried' : 'unreadable',
  text: `qemu-img ${command}: ${error || `exit code ${code}`}`,
});

/** Runs qemu-img to its end, whatever its exit code. EnvironmentError: it could not be started. */
export async function qemuImg(img: Program, args: readonly string[]): Promise<ImageToolResult> {
  const { code, stdout, stderr } = await runFromShell(
    img,
    args,
    limits.imageToolDeadlineMs,
    besideImage(args),
  );
  if (code === undefined)
    return { code, stdout, error: `no end within ${limits.imageToolDeadlineMs} ms`, cutShort: true };
  if (code === 126 || code === 127) {
    throw new EnvironmentError(`cannot run ${img.argv.join(' ')}: ${oneLine(stderr)}`);
  }
  const signal = code > 128 ? code - 128 : undefined;
  if (signal === undefined) return { code, stdout, error: oneLine(stderr) };
  const killed = signal === sigkill ? { cutShort: true as const } : {};
  return {
    code: undefined,
    stdout,
    error: `ended by signal ${signal}. ${oneLine(stderr)}`.trim(),
    ...killed,
  };
}

/** Nothing that qemu-img does ends it so: somebody else did, or the kernel, out of memory. */
const sigkill = 9;

/** The last image's directory, so that nothing of qemu-img's ever lands in the user's. */
function besideImage(args: readonly string[]): string | undefined {
  const image =
    args.findLast((arg) => arg.startsWith('/')) ?? /file\.filename=(\/.*)/.exec(args.join(' '))?.[1];
  return image === undefined ? undefined : dirname(image);
}

/** All lines as one: the last may be only advice ("Is another process using the image"). */
function oneLine(stderr: string): string {
  return stderr
    .trim()
    .replace(/^qemu-img: /gm, '')
    .replaceAll('\n', ' ')
    .slice(0, limits.imageToolErrorChars);
}
