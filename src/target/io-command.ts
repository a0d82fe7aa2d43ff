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
 * What one stretch of qemu-io's output says. `failed` does not tell which request it was; a `complaint` is about the
 * command just given, be it that qemu-io did not even try.
 */
export type IoReport =
  | { kind: 'done'; verb: Verb; offsetBytes: number; lengthBytes: number }
  | { kind: 'failed'; verb: Verb; text: string }
  | { kind: 'complaint'; text: string };

export function parseReports(output: string): IoReport[] {
  return output.split('\n').flatMap((line) => parseLine(line.trimEnd()) ?? []);
}

function parseLine(line: string): IoReport | undefined {
  if (line === '' || rates.test(line) || discarded.test(line)) return undefined;
  const done = /^(wrote|read) \d+\/(\d+) bytes at offset (\d+)$/.exec(line);
  if (done) {
    const verb = done[1] === 'wrote' ? 'write' : 'read';
    return { kind: 'done', verb, offsetBytes: Number(done[3]), lengthBytes: Number(done[2]) };
  }
  // A failed aio_read says "readv failed" (5.2 to 11.1).
  const failed = /^(?:aio_)?(write|read)v? failed: (.*)$/.exec(line);
  if (failed) return { kind: 'failed', verb: failed[1] as Verb, text: failed[2] as string };
  return { kind: 'complaint', text: line.replace(/^(qemu-io|discard failed): /, '') };
}

/** The second line of each report: "4 KiB, 1 ops; 00.00 sec (15.015 MiB/sec and 3843.8623 ops/sec)". */
const rates = /, \d+ ops; .* ops\/sec\)$/;
const discarded = /^discard \d+\/\d+ bytes at offset \d+$/;
