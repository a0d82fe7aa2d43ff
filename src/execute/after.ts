import { join } from 'node:path';
import type { AfterClaim, ImageRef } from '../sequence/sequence.ts';
import { checkImage, compareImages, type ImageFile } from '../target/compare.ts';
import type { Run } from './run.ts';

type Looked = { outcome: 'holds' | 'broken' | 'unreadable'; text: string };

/** Looks at the images once QEMU has let go of them, and records whether each claim holds. */
export async function checkClaims(run: Run): Promise<void> {
  const { img } = run.session.target;
  for (const [claim, what] of (run.sequence.after ?? []).entries()) {
    if (!img) {
      run.recorder.record({ kind: 'image', claim, outcome: 'unreadable', text: 'there is no qemu-img' });
      continue;
    }
    const { outcome, text } = await look(what);
    run.recorder.record({ kind: 'image', claim, outcome, text });
  }

  async function look(what: AfterClaim): Promise<Looked> {
    if (!img) throw new Error('unreachable: looked at without qemu-img');
    if ('check' in what) return checkImage(img, imageFile(run, what.check));
    const [a, b] = what.same;
    const compared = await compareImages(img, imageFile(run, a), imageFile(run, b));
    const outcome =
      compared.outcome === 'same' ? 'holds' : compared.outcome === 'different' ? 'broken' : 'unreadable';
    return { outcome, text: compared.text };
  }
}

function imageFile(run: Run, ref: ImageRef): ImageFile {
  if (typeof ref !== 'string') return { path: join(run.dir, ref.file), format: ref.format };
  const placed = run.disks.get(ref);
  return placed
    ? { path: placed.path, format: placed.disk.format }
    : { path: join(run.dir, ref), format: 'raw' };
}
