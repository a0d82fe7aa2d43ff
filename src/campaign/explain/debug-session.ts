import { closeSync, openSync, readSync } from 'node:fs';
import { openSessions, type Sessions } from '../../execute/sessions/sessions.ts';
import { programFor } from '../../target/process/command-line.ts';
import type { Program } from '../../target/programs/program.ts';
import { limits } from '../limits.ts';
import type { ExplainPlan } from './explain.ts';

/** A session of the plan's QEMU in a debugger's hands. */
export function debugSession(
  { target, flavour, root, tool, deadlineMs = Number.POSITIVE_INFINITY }: ExplainPlan,
  wrap: (program: Program) => Program,
): Sessions {
  const program = wrap(programFor(target, flavour));
  return openSessions({
    target: { ...target, [flavour]: program },
    flavour,
    root,
    tool,
    startDeadlineMs: Math.min(limits.debuggerStartDeadlineMs, deadlineMs),
  });
}

/** A debugger's output from its beginning; '' where there is none. */
export function readOutput(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const piece = Buffer.alloc(2 ** 16);
      const got = readSync(fd, piece);
      if (got === 0 || bytes > limits.debuggerOutputBytesMax) return Buffer.concat(pieces).toString();
      pieces.push(piece.subarray(0, got));
      bytes += got;
    }
  } catch {
    return ''; // the process of that /proc/PID/maps has ended
  } finally {
    closeSync(fd);
  }
}
