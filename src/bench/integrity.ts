import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { compareImages, type ImageFile } from '../target/images/compare.ts';
import { readImage } from '../target/images/image-content.ts';
import { openImageStore } from '../target/images/image-store.ts';
import { qemuImg } from '../target/images/qemu-img.ts';
import type { Program } from '../target/programs/binary.ts';
import type { BenchProgram } from './bench.ts';
import { type Figure, inTurn, timedMs } from './measure.ts';
import { residentMiB } from './memory.ts';

const MiB = 2 ** 20;

/** Data lies in that many stretches over the whole disk. */
const sizes = [
  { name: '64 MiB', sizeBytes: 64 * MiB, dataBytes: 16 * MiB, stretches: 16, wantedMs: 80 },
  { name: 'sparse 1 GiB', sizeBytes: 1024 * MiB, dataBytes: 64 * MiB, stretches: 64, wantedMs: 400 },
] as const;

/**
 * What it costs to classify and hash both images of a pair, next to `qemu-img compare`, which says only whether they are
 * the same, and to `qemu-img convert -O raw` and sha1sum, which name their content.
 */
export async function* integrity(
  { target, root, name }: BenchProgram,
  rounds: number,
): AsyncGenerator<Figure> {
  const { img } = target;
  if (!img) return;
  for (const size of sizes) {
    const dir = root.sessionDir();
    try {
      const pair = await makePair(dir, size);
      const read = () => timedMs(() => readPair(img, dir, pair));
      const what = `reading a ${size.name} pair`;

      await read();
      const early = residentMiB();
      const compared = await inTurn(rounds, read, () => timedMs(() => comparePair(img, pair)));
      const grown = residentMiB() - early;
      const inTime = { text: `< ${size.wantedMs} ms`, met: compared.ours < size.wantedMs };
      yield { what: `${what}, compare`, on: name, unit: 'ms', ...figures(compared), wanted: inTime };

      const converted = await inTurn(Math.ceil(rounds / 5), read, () => timedMs(() => hashPair(img, pair)));
      yield { what: `${what}, sha1`, on: name, unit: 'ms', ...figures(converted) };
      const flat = { text: '< 32 MiB', met: grown < 32 }; // the pair's data is 128 MiB, garbage some 10
      yield { what: `${what}, RSS grows`, on: name, unit: 'MiB', ours: grown, wanted: flat };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
}

const figures = ({ ours, bare, ratio }: { ours: number; bare: number; ratio: number }) => ({
  ours,
  bare,
  ratio,
});

type Pair = [ImageFile, ImageFile];

/** Two qcow2 images of the same content, as a mirror leaves them. */
async function makePair(
  dir: string,
  { sizeBytes, dataBytes, stretches }: (typeof sizes)[number],
): Promise<Pair> {
  const templates = join(dir, 'templates');
  mkdirSync(templates);
  const store = openImageStore({ dir: templates });
  const runs = Array.from({ length: stretches }, (_, i): [number, number] => [
    (i * sizeBytes) / stretches,
    dataBytes / stretches,
  ]);
  const made = async (name: string): Promise<ImageFile> => {
    const spec = { name, format: 'qcow2' as const, sizeBytes, fill: { runs }, seedText: 'src' };
    return { path: store.place(spec, dir).path, format: 'qcow2' };
  };
  return [await made('src'), await made('dst')];
}

async function readPair(img: Program, dir: string, pair: Pair): Promise<void> {
  const plan = { disks: ['src', 'dst'].map((name) => ({ name, seedText: name })), scratchDir: dir };
  const [a, b] = await Promise.all(pair.map((image) => readImage(img, image, plan)));
  if (a?.outcome !== 'read' || b?.outcome !== 'read' || a.sha256 !== b.sha256)
    throw new Error(`unreachable: ${JSON.stringify([a, b])}`);
}

async function comparePair(img: Program, [a, b]: Pair): Promise<void> {
  const { outcome, text } = await compareImages(img, a, b);
  if (outcome !== 'same') throw new Error(`unreachable: ${text}`);
}

async function hashPair(img: Program, pair: Pair): Promise<void> {
  await Promise.all(
    pair.map(async ({ path, format }) => {
      const raw = `${path}.raw`;
      await qemuImg(img, ['convert', '-f', format, '-O', 'raw', path, raw]);
      await execa('sha1sum', [raw]);
      rmSync(raw);
    }),
  );
}
