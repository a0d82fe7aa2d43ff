import { readable } from '../../judge/integrity/readable.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { ImageRef, Sequence } from '../../sequence/sequence.ts';
import { imageFile } from './images.ts';
import { openedImage, openedImages } from './opened-image.ts';
import { quote } from './shell.ts';
import { type Case, imagesReleased, type ScriptVerdict } from './verdict.ts';
import { check } from './verdict-content.ts';

/** What the sequence claims of its images is looked at when QEMU has let go of them. */
export function imageVerdict({ finding, trace, at, plan: { sequence } }: Case): ScriptVerdict | undefined {
  const seen = trace[at];
  const isUnreadable = finding.rule === readable.rule.name;
  const isAbout = seen?.kind === 'image' || (isUnreadable && seen?.kind === 'content');
  const claim = isAbout ? sequence.after?.[seen.claim] : undefined;
  if (claim === undefined) return undefined;
  const look =
    'same' in claim
      ? compare(sequence, claim.same)
      : 'check' in claim
        ? checkImage(sequence, claim.check)
        : 'content' in claim && isUnreadable
          ? openImage(sequence, claim.content)
          : undefined;
  return (
    look && {
      ends: 'jobs',
      ending: [...imagesReleased(sequence), ...look, 'absent'],
    }
  );
}

function compare(sequence: Sequence, [a, b]: readonly [ImageRef, ImageRef]): string[] {
  const [one, other] = [imageOf(sequence, a), imageOf(sequence, b)];
  const opened = openedImages(sequence, one, other);
  return [
    `compared=$(qemu-img compare ${opened.how} ${opened.image} 2>&1)`,
    'case $? in',
    '0) [[ $compared != *"size mismatch"* ]] || shows "the images differ in size" ;;',
    '1) shows "the images differ: $compared" ;;',
    '*) cannot "$compared" ;;',
    'esac',
  ];
}

function checkImage(sequence: Sequence, ref: ImageRef): string[] {
  return check(sequence, imageOf(sequence, ref));
}

/** Both end with 1 where the image can't be opened or read. */
function openImage(sequence: Sequence, ref: ImageRef): string[] {
  const looked = imageOf(sequence, ref);
  const { how, image } = openedImage(sequence, looked);
  const look = looked.format === 'raw' ? 'map' : 'check';
  return [
    `opened=$(qemu-img ${look} ${how} ${image} 2>&1)`,
    '[[ $? -ne 1 ]] || shows "the image can\'t be read: $opened"',
  ];
}

function imageOf(sequence: Sequence, ref: ImageRef): { file: string; format: string } {
  if (typeof ref !== 'string') return { file: quote(ref.file), format: ref.format };
  const disk = [...sequence.arena.disks, ...disksMadeBySteps(sequence)].find(({ name }) => name === ref);
  return disk ? { file: imageFile(disk), format: disk.format } : { file: quote(ref), format: 'raw' };
}
