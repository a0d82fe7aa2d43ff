import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { backingNameIn } from '../../target/images/qcow2-map.ts';
import { qemuImg } from '../../target/images/qemu-img.ts';
import type { PlacedDisk, Run } from '../run.ts';

/**
 * An image that a job laid over one on a server names the server in its header (bdrv_change_backing_file). With the
 * server gone, and its loop device perhaps another run's, the header is changed to where the served file lies; no data moves.
 */
export async function nameLocalBacking(run: Run): Promise<void> {
  const { img } = run.session.target;
  const placed = [...run.disks.values()];
  if (!img || !placed.some(({ served }) => served)) return;
  for (const entry of readdirSync(run.dir, { withFileTypes: true })) {
    if (!entry.isFile()) continue; // an export's socket
    const path = join(run.dir, entry.name);
    const backing = backingNameIn(path);
    const below = backing === undefined ? undefined : placed.find((disk) => isNamed(disk, backing));
    if (below) await qemuImg(img, ['rebase', '-u', '-b', below.path, '-F', below.disk.format, path]);
  }
}

/** By its URL or, where that does not say everything, by what lies at the bottom of `json:` options. */
function isNamed({ served, path }: PlacedDisk, backing: string): boolean {
  if (!backing.startsWith('json:')) return backing === served?.url;
  const { target, filename } = bottomOf(JSON.parse(backing.slice('json:'.length)) as Json);
  return served?.node.target === undefined ? filename === path : target === served.node.target;
}

/** A format's file, its file's file: what the name is about, and not what its own backing file is. */
function bottomOf(options: Json): JsonObject {
  if (!isJsonObject(options)) return {};
  return isJsonObject(options.file) ? bottomOf(options.file) : options;
}
