import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ProgramPlan } from '../campaign/worker/worker-messages.ts';
import type { Offer } from './messages.ts';

/**
 * What makes two machines' programs the same: the bytes of QEMU's program, its version and flavour. Labels and paths
 * are each machine's own.
 */
export async function offerOf({ target, flavour, storage, without }: ProgramPlan): Promise<Offer> {
  const hash = createHash('sha256').update(`${target.version} ${flavour} `);
  // A fetched QEMU is its loader's command line; a wrapper is itself.
  for (const word of target[flavour]?.argv ?? []) {
    if (!word.startsWith('/') || !existsSync(word) || !statSync(word).isFile()) continue;
    hash.update(`${basename(word)} `);
    await pipeline(createReadStream(word), hash, { end: false });
  }
  return {
    key: hash.digest('hex').slice(0, 16),
    label: target.label,
    version: target.version,
    path: target.path,
    flavour,
    storage: [...(storage ?? ['file'])],
    without: (without ?? []).map(({ thing }) => thing),
  };
}
