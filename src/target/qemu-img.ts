import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import type { Program } from './binary.ts';
import { limits } from './limits.ts';

/** How a run of qemu-img ended. `code` is undefined where a signal or the deadline ended it; `error` says what went wrong. */
export type ImageToolResult = { code: number | undefined; stdout: string; error: string };

/** Runs qemu-img to its end, whatever its exit code. EnvironmentError: it could not be started. */
export async function qemuImg(img: Program, args: readonly string[]): Promise<ImageToolResult> {
  const [file, ...first] = img.argv;
  const result = await execa(file as string, [...first, ...args], {
    stdin: 'ignore',
    reject: false,
    extendEnv: true,
    env: img.env,
    timeout: limits.imageToolDeadlineMs,
    killSignal: 'SIGKILL',
  });
  const { exitCode: code, signal, stdout, stderr, timedOut } = result;
  if (code === undefined && signal === undefined) {
    throw new EnvironmentError(`cannot run ${img.argv.join(' ')}: ${result.code ?? result.shortMessage}`);
  }
  if (timedOut) return { code: undefined, stdout, error: `no end within ${limits.imageToolDeadlineMs} ms` };
  if (code === undefined) return { code, stdout, error: `ended by ${signal}. ${oneLine(stderr)}`.trim() };
  return { code, stdout, error: oneLine(stderr) };
}

/** All lines as one: the last may be only advice ("Is another process using the image"). */
function oneLine(stderr: string): string {
  return stderr
    .trim()
    .replace(/^qemu-img: /gm, '')
    .replaceAll('\n', ' ')
    .slice(0, limits.imageToolErrorChars);
}
