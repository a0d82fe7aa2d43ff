import type { Program } from '../../programs/program.ts';
import { exportName, type NbdServer } from './server.ts';

/** `qemu-nbd`, of the QEMU that is driven where that has one. */
export const qemuNbd: NbdServer = {
  usable: (target) =>
    target && !target.nbd
      ? { usable: false, lacks: `QEMU ${target.label} has no qemu-nbd`, install: 'qemu-utils' }
      : { usable: true },
  command(target, { path, socket, readOnly }) {
    const { argv, env } = target.nbd as Program;
    return {
      env,
      argv: [
        ...argv,
        ...['--persistent', '--shared=8', '--discard=unmap', ...(readOnly ? ['--read-only'] : [])],
        ...[`--socket=${socket}`, `--export-name=${exportName}`, '--format=raw', path],
      ],
    };
  },
};
