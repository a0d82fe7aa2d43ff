import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { ContentRun } from '../../trace/content-run.ts';
import { limits } from '../limits.ts';
import type { Program } from '../programs/binary.ts';
import { openCanonicalHash } from './canonical-hash.ts';
import type { ImageFile } from './compare.ts';
import { openOriginReader } from './content-runs.ts';
import { type ImageMap, mapImage } from './image-map.ts';
import { pieces } from './image-pieces.ts';
import { openedBy } from './opened-by.ts';
import type { StampedDisk } from './origin-source.ts';
import { type NotRead, notRead, qemuImg } from './qemu-img.ts';
import { openWordSums } from './word-sums.ts';

/**
 * What an image holds. `sha256`: canonical-hash.ts; `rawSha1`: of all its bytes, as `convert -O raw | sha1sum`; `sums`:
 * word-sums.ts.
 */
export type ImageContent = {
  sizeBytes: number;
  sha256: string;
  rawSha1?: string;
  sums?: string;
  runs: ContentRun[];
};

export type ReadingPlan = {
  disks: readonly StampedDisk[];
  /** The last generation that was written. */
  generations?: number;
  /** Costs two seconds a GiB, allocated or not. */
  rawSha1?: boolean;
  /** The sums of so many bytes are wanted, from the disk's begin on. */
  sumsOfBytes?: number;
  /** Where a copy may lie of what can't be read in place. */
  scratchDir: string;
};

/** Reads an image through its backing chain, by what qemu-img says of where its data lies; nobody may be writing. */
export async function readImage(
  img: Program,
  image: ImageFile,
  plan: ReadingPlan,
): Promise<({ outcome: 'read' } & ImageContent) | NotRead> {
  const map = await mapImage(img, image);
  switch (map.outcome) {
    case 'mapped':
      return readMapped(map, plan);
    case 'elsewhere':
      return readCopy(img, image, plan);
    case 'unreadable':
    case 'untried':
      return map;
  }
}

async function readCopy(
  img: Program,
  { path, format }: ImageFile,
  plan: ReadingPlan,
): Promise<({ outcome: 'read' } & ImageContent) | NotRead> {
  const copy = join(plan.scratchDir, `${randomUUID()}.raw`);
  try {
    const converted = await qemuImg(img, ['convert', '-O', 'raw', ...openedBy({ path, format }), copy]);
    if (converted.code !== 0) return notRead('convert', converted);
    const map = await mapImage(img, { path: copy, format: 'raw' });
    if (map.outcome === 'mapped') return await readMapped(map, plan);
    throw new Error(`unreachable: a raw file is ${JSON.stringify(map)}`);
  } finally {
    rmSync(copy, { force: true });
  }
}

async function readMapped(
  { sizeBytes, extents }: Extract<ImageMap, { outcome: 'mapped' }>,
  { disks, generations, rawSha1, sumsOfBytes }: ReadingPlan,
): Promise<({ outcome: 'read' } & ImageContent) | NotRead> {
  const origins = openOriginReader(0, disks, generations);
  const canonical = openCanonicalHash(sizeBytes);
  const sha1 = rawSha1 ? openZeroPaddedSha1() : undefined;
  const sums = sumsOfBytes === undefined ? undefined : openWordSums(sumsOfBytes);
  try {
    let unbroken = 0;
    for (const piece of pieces(sizeBytes, extents)) {
      if ('bytes' in piece) {
        origins.push(piece.bytes);
        canonical.push(piece.bytes);
        sha1?.push(piece.bytes);
        sums?.push(piece.bytes);
        unbroken += piece.bytes.length;
      } else {
        origins.pushZeroes(piece.zeroes);
        canonical.pushZeroes(piece.zeroes);
        await sha1?.pushZeroes(piece.zeroes);
        sums?.pushZeroes(piece.zeroes);
      }
      if (unbroken < limits.readPieceBytes) continue;
      await turn();
      unbroken = 0;
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return { outcome: 'unreadable', text: error.message };
    throw error;
  }
  return {
    outcome: 'read',
    sizeBytes,
    sha256: canonical.end(),
    ...(sha1 ? { rawSha1: sha1.end() } : {}),
    ...(sums ? { sums: sums.end() } : {}),
    runs: origins.end(),
  };
}

/** Zeroes cost as much as any other bytes here, so that others get their turn in between. */
function openZeroPaddedSha1(): {
  push(bytes: Buffer): void;
  pushZeroes(lengthBytes: number): Promise<void>;
  end(): string;
} {
  const hash = createHash('sha1');
  const zeroes = Buffer.alloc(limits.readPieceBytes);
  return {
    push: (bytes) => void hash.update(bytes),
    async pushZeroes(lengthBytes) {
      for (let left = lengthBytes; left > 0; left -= zeroes.length) {
        hash.update(zeroes.subarray(0, Math.min(left, zeroes.length)));
        await turn();
      }
    },
    end: () => hash.digest('hex'),
  };
}
