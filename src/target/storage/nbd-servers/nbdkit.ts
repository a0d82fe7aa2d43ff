import { limits } from '../../limits.ts';
import { findExecutable } from '../../programs/executable.ts';
import type { NbdServer } from './server.ts';

/** nbdkit's file plugin below its filters `error` and `rate`, which look at a file for what to do (their manual pages). */
export const nbdkit: NbdServer = {
  usable: () =>
    findExecutable('nbdkit')
      ? { usable: true }
      : { usable: false, lacks: 'nbdkit is not installed', install: 'nbdkit' },
  command(_target, { path, socket, readOnly }) {
    const failing = ['pwrite', 'zero', 'trim'].flatMap((request) => [
      `error-${request}=EIO`,
      `error-${request}-rate=100%`,
      `error-${request}-file=${failingFile(socket)}`,
    ]);
    return {
      env: {},
      argv: [
        ...['nbdkit', '--foreground', '--unix', socket, ...(readOnly ? ['--readonly'] : [])],
        ...['--filter=error', '--filter=rate', 'file', `file=${path}`, ...failing],
        // A rate is needed from the start, or the filter stays off.
        ...[
          `rate=${unlimited}`,
          `rate-file=${rateFile(socket)}`,
          `burstiness=${limits.slowServerBurstSeconds}`,
        ],
      ],
    };
  },
  // The delay filter's and each error's own number are fixed when nbdkit starts.
  switches: (socket) => [
    { state: 'failing', errno: 'EIO', file: failingFile(socket), on: '' },
    { state: 'slow', file: rateFile(socket), on: `${limits.slowServerBitsPerSecond}`, off: unlimited },
  ],
};

const failingFile = (socket: string): string => `${socket}.failing`;
const rateFile = (socket: string): string => `${socket}.rate`;
/** In bits per second; nbdkit keeps the last rate when the file goes. */
const unlimited = `${2 ** 50}`;
