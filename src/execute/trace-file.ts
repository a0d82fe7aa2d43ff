import { closeSync, openSync, writeFileSync } from 'node:fs';
import { EnvironmentError } from '../errors.ts';
import type { Observation } from '../trace/observation.ts';
import { limits } from './limits.ts';

/** `sink` never throws, since it is called from wherever QEMU speaks: what went wrong comes out of `close`. */
export type TraceFile = { sink(observation: Observation): void; close(): void };

/**
 * A trace on disk, a line an observation. Lines go out a few milliseconds after they are taken down: a killed run leaves
 * a readable prefix that lacks at most those, and a busy one does not pay for a write per line.
 */
export function openTraceFile(path: string): TraceFile {
  const fd = openOrComplain(path);
  let pending: string[] = [];
  let scheduled = false;
  let failure: EnvironmentError | undefined;

  return {
    sink(observation) {
      if (failure) return;
      pending.push(JSON.stringify(observation));
      if (scheduled) return;
      scheduled = true;
      setTimeout(flush, limits.traceFlushMs);
    },
    close() {
      flush();
      closeSync(fd);
      if (failure) throw failure;
    },
  };

  function flush(): void {
    scheduled = false;
    if (pending.length === 0) return;
    const text = `${pending.join('\n')}\n`;
    pending = [];
    try {
      writeFileSync(fd, text); // a single write may stop short where the disk is filling up
    } catch (error) {
      failure = complaint(path, error);
    }
  }
}

function openOrComplain(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw complaint(path, error);
  }
}

function complaint(path: string, cause: unknown): EnvironmentError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const what =
    code === 'ENOSPC' ? `no space left for the trace ${path}` : `can't write the trace ${path}: ${message}`;
  return new EnvironmentError(what, 'free some space there, or give another directory', { cause });
}
