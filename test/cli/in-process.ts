import { carryOut } from '../../src/cli/command-line.ts';
import { lastWords } from '../../src/cli/last-words.ts';

/**
 * A command line carried out here, as `mirrorfuzz` does in a process of its own, for commands that only read, print and
 * write: a start takes a second. One at a time: output and exit code are the process's.
 */
export async function inProcess(
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const out = listen(process.stdout);
  const err = listen(process.stderr);
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await carryOut(args);
    return { code: Number(process.exitCode ?? 0), stdout: out.heard(), stderr: err.heard() };
  } catch (error) {
    const { text, code } = lastWords(error as Error, false);
    return { code, stdout: out.heard(), stderr: `${err.heard()}${text}` };
  } finally {
    process.exitCode = before;
    out.end();
    err.end();
  }
}

function listen(stream: NodeJS.WriteStream): { heard(): string; end(): void } {
  const write = stream.write;
  let text = '';
  stream.write = ((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  }) as typeof stream.write;
  return {
    heard: () => text,
    end: () => {
      stream.write = write;
    },
  };
}
