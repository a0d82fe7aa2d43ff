import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { qemuImg } from '../target/qemu-img.ts';
import type { PlacedDisk, Run } from './run.ts';

/**
 * An image that a job laid over one on a server names the server in its header (bdrv_change_backing_file). With the
 * server gone, and its loop device perhaps another run's, the header is told where the served file lies; no data moves.
 */
export async function nameLocalBacking(run: Run): Promise<void> {
  const { img } = run.session.target;
  const served = [...run.disks.values()].filter((placed) => placed.served);
  if (!img || served.length === 0) return;
  for (const entry of readdirSync(run.dir, { withFileTypes: true })) {
    if (!entry.isFile()) continue; // an export's socket
    const path = join(run.dir, entry.name);
    const backing = backingName(path);
    const below = backing === undefined ? undefined : served.find((placed) => isNamed(placed, backing));
    if (below) await qemuImg(img, ['rebase', '-u', '-b', below.path, '-F', below.disk.format, path]);
  }
}

/** By its URL, or within `json:` by its iSCSI target, which no URL of QEMU's names with its transport. */
function isNamed({ served }: PlacedDisk, backing: string): boolean {
  const target = served?.node.target;
  return backing === served?.url || (typeof target === 'string' && backing.includes(`"${target}"`));
}

/** docs/interop/qcow2.rst: backing_file_offset at byte 8, backing_file_size at byte 16. undefined where it is no qcow2. */
function backingName(path: string): string | undefined {
  const header = readAt(path, 0, 20);
  if (header.length < 20 || header.toString('latin1', 0, 4) !== 'QFI\xfb') return undefined;
  const lengthBytes = header.readUInt32BE(16);
  if (lengthBytes === 0 || lengthBytes > nameBytesMax) return undefined;
  return readAt(path, Number(header.readBigUInt64BE(8)), lengthBytes).toString();
}

function readAt(path: string, offsetBytes: number, lengthBytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(lengthBytes);
    return bytes.subarray(0, readSync(file, bytes, 0, lengthBytes, offsetBytes));
  } finally {
    closeSync(file);
  }
}

/** The format's own bound. */
const nameBytesMax = 1023;
