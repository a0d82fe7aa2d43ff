import { readFileSync } from 'node:fs';
import { limits } from '../limits.ts';
import type { Program } from '../programs/program.ts';

/**
 * The command under the limits that keep the host safe: its shell sets them, so that no program is needed for it. Where
 * this process may itself have less, that is the limit.
 */
export function limited({ needs }: Program, command: readonly string[]): string[] {
  const bounds = [
    needs?.memory === 'unlimited'
      ? undefined
      : `-v ${Math.floor(atMost('Max address space', limits.qemuAddressSpaceBytes) / 1024)}`,
    `-f ${Math.floor(atMost('Max file size', limits.qemuFileSizeBytes) / 512)}`,
    `-n ${atMost('Max open files', limits.qemuOpenFiles)}`,
    '-c 0',
  ];
  const temporary = needs?.temporary ? ['export TMPDIR="$PWD"'] : [];
  const script = [
    ...bounds.filter(Boolean).map((bound) => `ulimit ${bound}`),
    ...temporary,
    'exec "$@"',
  ].join(' && ');
  return ['/bin/sh', '-c', script, 'sh', ...command];
}

/** Ours, or this process's hard limit: an ordinary user can't raise that. */
function atMost(name: string, wanted: number): number {
  const line = own()
    .split('\n')
    .find((each) => each.startsWith(name));
  const hard = line?.slice(26).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? wanted : Math.min(wanted, Number(hard));
}

let read: string | undefined;

function own(): string {
  read ??= readFileSync('/proc/self/limits', 'utf8');
  return read;
}
