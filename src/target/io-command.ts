import type { GuestOp } from '../trace/observation.ts';

/** What qemu-io calls a request when it reports on it; zeroes are reported as writes. */
export type Verb = 'write' | 'read';

/**
 * A guest request as a line for qemu-io. `request`: it returns at once and reports later; `wait`: it returns when done.
 * Discard exists in the second form only. `flush` returns nothing that tells a failed flush, so `reopen` stands for
 * it: it drains, flushes and says "Error flushing drive" (block.c, bdrv_reopen_prepare).
 */
export type IoCommand =
  | { kind: 'request'; line: string; verb: Verb; offsetBytes: number; lengthBytes: number }
  | { kind: 'wait'; line: string };

export function ioCommand(op: GuestOp): IoCommand {
  switch (op.op) {
    case 'write': {
      const line = `aio_write ${op.fua ? '-f ' : ''}-P ${op.pattern} ${extent(op)}`;
      return { kind: 'request', line, verb: 'write', ...place(op) };
    }
    case 'zero': {
      const line = `aio_write -z ${op.unmap ? '-u ' : ''}${extent(op)}`;
      return { kind: 'request', line, verb: 'write', ...place(op) };
    }
    case 'read':
      return { kind: 'request', line: `aio_read ${extent(op)}`, verb: 'read', ...place(op) };
    case 'discard':
      return { kind: 'wait', line: `discard ${extent(op)}` };
    case 'flush':
      return { kind: 'wait', line: 'reopen' };
  }
}

type Extent = { offsetBytes: number; lengthBytes: number };
const extent = ({ offsetBytes, lengthBytes }: Extent): string => `${offsetBytes} ${lengthBytes}`;
const place = ({ offsetBytes, lengthBytes }: Extent): Extent => ({ offsetBytes, lengthBytes });

/**
 * What one stretch of qemu-io's output says. `failed` does not tell which request it was; `command-failed` is about
 * the `wait` command just given, `refused` about any command just given: qemu-io did not even try.
 */
export type IoReport =
  | { kind: 'done'; verb: Verb; offsetBytes: number; lengthBytes: number }
  | { kind: 'failed'; verb: Verb; text: string }
  | { kind: 'command-failed'; text: string }
  | { kind: 'refused'; text: string };

export function parseReports(output: string): IoReport[] {
  return output.split('\n').flatMap((line) => parseLine(line.trimEnd()) ?? []);
}

function parseLine(line: string): IoReport | undefined {
  if (line === '' || rates.test(line)) return undefined;
  const done = /^(wrote|read|discard) \d+\/(\d+) bytes at offset (\d+)$/.exec(line);
  if (done) {
    if (done[1] === 'discard') return undefined;
    const verb = done[1] === 'wrote' ? 'write' : 'read';
    return { kind: 'done', verb, offsetBytes: Number(done[3]), lengthBytes: Number(done[2]) };
  }
  // A failed aio_read says "readv failed" up to 11.1.
  const failed = /^(?:aio_)?(write|read|discard)v? failed: (.*)$/.exec(line);
  if (failed) {
    const [, verb, text = ''] = failed;
    return verb === 'discard'
      ? { kind: 'command-failed', text }
      : { kind: 'failed', verb: verb as Verb, text };
  }
  // error_report() names the program first; such a line can be about the connection as well as about the command.
  const reported = /^qemu-io[^:]*: (.*)$/.exec(line);
  if (reported) return { kind: 'command-failed', text: reported[1] as string };
  return { kind: 'refused', text: line };
}

/** The second line of each report: "4 KiB, 1 ops; 00.00 sec (15.015 MiB/sec and 3843.8623 ops/sec)". */
const rates = /, \d+ ops; .* ops\/sec\)$/;
