import { optionValue } from '../../process/option-value.ts';
import type { Program } from '../../programs/program.ts';
import { exportName, type NbdServer } from './server.ts';

/** A second `qemu-storage-daemon` of the QEMU that is driven. */
export const daemon: NbdServer = {
  usable: (target) =>
    target && !target.daemon
      ? {
          usable: false,
          lacks: `QEMU ${target.label} has no qemu-storage-daemon`,
          install: 'qemu-system-common',
        }
      : { usable: true },
  command(target, { path, socket, readOnly }) {
    const { argv, env } = target.daemon as Program;
    const node = {
      driver: 'file',
      'node-name': 'file',
      filename: path,
      discard: 'unmap',
      'read-only': readOnly,
    };
    return {
      env,
      argv: [
        ...argv,
        ...['--blockdev', JSON.stringify(node)],
        // Not as JSON, and in this order: 5.2 knows no other.
        ...['--nbd-server', `addr.type=unix,addr.path=${optionValue(socket)}`],
        ...[
          '--export',
          `type=nbd,id=export,node-name=file,name=${exportName},writable=${readOnly ? 'off' : 'on'}`,
        ],
      ],
    };
  },
};
