import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { seedTextFor } from '../sequence/fill.ts';
import type { AfterClaim, ImageRef } from '../sequence/sequence.ts';
import { bootImage } from '../target/guest/boot-image.ts';
import { checkImage, compareImages, type ImageFile } from '../target/images/compare.ts';
import { type ReadingPlan, readImage } from '../target/images/image-content.ts';
import { spaceOf } from '../target/images/image-space.ts';
import { storedBitmaps } from '../target/images/qcow2-bitmaps.ts';
import type { Program } from '../target/programs/binary.ts';
import { contentDifferences } from '../trace/content-difference.ts';
import type { Seen } from '../trace/observation.ts';
import { nameLocalBacking } from './arena/local-backing.ts';
import { limits } from './limits.ts';
import type { Run } from './run.ts';

type Looked = Extract<Seen, { kind: 'image' | 'content' | 'boot' }>;

/** Looks at the images once QEMU has let go of them, and records what each claim asks for, in the order of the claims. */
export async function checkClaims(run: Run): Promise<void> {
  const claims = [...(run.sequence.after ?? []).entries()];
  for (const ref of imagesOf(run.sequence.after ?? [])) {
    const space = spaceOf(imageFile(run, ref));
    if (space) run.recorder.record({ kind: 'space', image: nameOf(ref), ...space });
  }
  if (mayStoreBitmaps(run)) lookForBitmaps(run);
  await nameLocalBacking(run);
  const looked: Looked[][] = [];
  const lane = async (): Promise<void> => {
    for (let next = claims.shift(); next; next = claims.shift()) looked[next[0]] = await look(run, ...next);
  };
  await Promise.all(Array.from({ length: limits.claimsAtOnce }, lane));
  for (const each of looked.flat()) run.recorder.record(each);
}

/** A bitmap is made persistent by a command, an action of a transaction, or on its way to another QEMU. */
const mayStoreBitmaps = ({ recorder: { trace } }: Run): boolean =>
  trace.some(
    (seen) =>
      seen.kind === 'command' &&
      mayMakePersistent.has(seen.name) &&
      JSON.stringify(seen.args).includes('"persistent":true'),
  );

const mayMakePersistent = new Set(['block-dirty-bitmap-add', 'transaction', 'migrate-set-parameters']);

function lookForBitmaps(run: Run): void {
  for (const ref of imagesOf(run.sequence.after ?? [])) {
    const { path, format } = imageFile(run, ref);
    const bitmaps = format === 'qcow2' ? storedBitmaps(path) : undefined;
    if (bitmaps) run.recorder.record({ kind: 'stored-bitmaps', image: nameOf(ref), bitmaps });
  }
}

/** Each image that is looked at, once. */
function imagesOf(claims: readonly AfterClaim[]): ImageRef[] {
  const refs = claims.flatMap((claim): ImageRef[] => {
    if ('same' in claim) return claim.same;
    if ('content' in claim) return [claim.content];
    return 'check' in claim ? [claim.check] : [claim.boots];
  });
  return [...new Map(refs.map((ref) => [nameOf(ref), ref])).values()];
}

async function look(run: Run, claim: number, what: AfterClaim): Promise<Looked[]> {
  const { img } = run.session.target;
  if (!img) return [untried(claim, 'there is no qemu-img')];
  if ('content' in what) return [await content(run, img, claim, what.content)];
  if ('boots' in what)
    return [await content(run, img, claim, what.boots), await boots(run, img, claim, what.boots)];
  if ('check' in what)
    return [{ kind: 'image', claim, ...(await checkImage(img, imageFile(run, what.check))) }];
  return [await same(run, img, claim, what.same)];
}

async function content(run: Run, img: Program, claim: number, ref: ImageRef): Promise<Looked> {
  const image = imageFile(run, ref);
  if (!existsSync(image.path)) return { kind: 'image', claim, outcome: 'absent', text: 'No such file' };
  const [read, check] = await Promise.all([
    readImage(img, image, readingPlan(run, run.rawSha1)),
    image.format === 'qcow2' ? checkImage(img, image) : undefined,
  ]);
  if (read.outcome !== 'read') return { kind: 'image', claim, ...read };
  const { sizeBytes, sha256, rawSha1, runs } = read;
  return {
    kind: 'content',
    claim,
    image: nameOf(ref),
    sizeBytes,
    sha256,
    ...(rawSha1 === undefined ? {} : { rawSha1 }),
    runs,
    ...(check ? { check } : {}),
  };
}

/** What the guest reads is compared with what lies in the file: the content decides whether that is right. */
async function boots(run: Run, img: Program, claim: number, ref: ImageRef): Promise<Looked> {
  const { system } = run.session.target;
  if (!system) return untried(claim, 'there is no qemu-system-x86_64 that a guest could boot on');
  const image = imageFile(run, ref);
  const sumsOfBytes = limits.guestReadsBytesMax;
  const read = await readImage(img, image, { ...readingPlan(run), sumsOfBytes });
  if (read.outcome !== 'read') return { kind: 'image', claim, ...read };
  const lengthBytes = Math.min(read.sizeBytes, sumsOfBytes);
  const booted = await bootImage(system, image, { dir: run.dir, name: `boot${claim}`, lengthBytes });
  const seen = { kind: 'boot', claim, image: nameOf(ref) } as const;
  if (booted.outcome !== 'read') return { ...seen, ...booted };
  const { outcome, bootUs, sums } = booted;
  return { ...seen, outcome, bootUs, lengthBytes, guest: sums, host: read.sums ?? '' };
}

const untried = (claim: number, text: string): Looked => ({ kind: 'image', claim, outcome: 'untried', text });

const nameOf = (ref: ImageRef): string => (typeof ref === 'string' ? ref : ref.file);

async function same(run: Run, img: Program, claim: number, [a, b]: [ImageRef, ImageRef]): Promise<Looked> {
  const [here, there] = [imageFile(run, a), imageFile(run, b)];
  const { outcome, text } = await compareImages(img, here, there);
  if (outcome === 'unreadable' || outcome === 'untried') return { kind: 'image', claim, outcome, text };
  if (outcome === 'same') return { kind: 'image', claim, outcome: 'holds', text };
  const where = await firstDifferences(run, img, here, there);
  return { kind: 'image', claim, outcome: 'broken', text: where === '' ? text : `${text} ${where}` };
}

/** "131072+65536: src:0 here, zero there", the first few of them; empty where the images do not differ by origin. */
async function firstDifferences(run: Run, img: Program, a: ImageFile, b: ImageFile): Promise<string> {
  const [here, there] = await Promise.all([a, b].map((image) => readImage(img, image, readingPlan(run))));
  if (here?.outcome !== 'read' || there?.outcome !== 'read') return '';
  const differences = contentDifferences(here.runs, there.runs)
    .take(limits.differencesTold + 1)
    .map((it) => `${it.offsetBytes}+${it.lengthBytes}: ${it.here} here, ${it.there} there`)
    .toArray();
  if (differences.length > limits.differencesTold) differences[limits.differencesTold] = '…';
  return differences.join('; ');
}

function readingPlan(run: Run, rawSha1 = false): ReadingPlan {
  const { seed } = run.sequence;
  const disks = [...run.disks.keys()].map((name) => ({ name, seedText: seedTextFor(name, seed) }));
  return { disks, generations: run.nextGuestRequest - 1, rawSha1, scratchDir: run.dir };
}

function imageFile(run: Run, ref: ImageRef): ImageFile {
  if (typeof ref !== 'string') return { path: join(run.dir, ref.file), format: ref.format };
  const placed = run.disks.get(ref);
  return placed
    ? { path: placed.path, format: placed.disk.format }
    : { path: join(run.dir, ref), format: 'raw' };
}
