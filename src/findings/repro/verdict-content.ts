import { type ContentFact, type HeldContent, heldWords } from '../../judge/facts/content.ts';
import type { Disk } from '../../sequence/arena.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { guestByte } from './guest-byte.ts';
import { fillByte, imageFile } from './images.ts';
import { openedImage } from './opened-image.ts';
import { quote } from './shell.ts';
import { type Case, imagesReleased, type ScriptVerdict } from './verdict.ts';

/** An image that holds other data than it must, is damaged, or has another size, once QEMU has let go of it. */
export function contentVerdict(shown: Case): ScriptVerdict | undefined {
  const { trace, at, facts } = shown;
  const { sequence } = shown.plan;
  const seen = trace[at];
  if (seen?.kind !== 'content') return undefined;
  const image = imageNamed(sequence, seen.image);
  if (image === undefined) return undefined;
  const look =
    facts?.shape !== 'image'
      ? content(shown)
      : facts.is === 'inconsistent'
        ? check(sequence, image)
        : facts.is === 'another size'
          ? size(image, facts.dueBytes)
          : [];
  if (look.length === 0) return undefined;
  return {
    ends: 'jobs',
    ending: [...imagesReleased(sequence), ...look, 'absent'],
  };
}

export function check(sequence: Sequence, checked: { format: string; file: string }): string[] {
  const { how, image } = openedImage(sequence, checked);
  return [
    `checked=$(qemu-img check ${how} ${image} 2>&1)`,
    'case $? in',
    '0) ;;',
    '2 | 3) shows "$checked" ;;',
    '*) cannot "$checked" ;;',
    'esac',
  ];
}

function size({ format, file }: Image, wanted: number): string[] {
  return [
    `info=$(qemu-img info --output=json -f ${format} ${file}) || cannot "$info"`,
    `[[ $info == *'"virtual-size": ${wanted},'* ]] || shows "not ${wanted} bytes: $info"`,
  ];
}

/** A range of which one content alone is right: the byte that stands for it here is read back. */
export type WrongBytes = { read: string; lengthBytes: string; words: string };

/** What is to be read of the image, once QEMU has let go of it; nothing where the violation is of another kind. */
export function wrongBytes({ trace, at, facts, plan: { sequence } }: Case): WrongBytes[] {
  const seen = trace[at];
  const image = seen?.kind === 'content' ? imageNamed(sequence, seen.image) : undefined;
  if (image === undefined || facts?.shape !== 'content') return [];
  const { name } = image;
  const opened = openedImage(sequence, image);
  return wantedRanges(facts, sequence).map(({ offset, length, wanted, byte }) => ({
    read: `qemu-io ${opened.how} -c 'read -P ${byte} ${offset} ${length}' ${opened.image}`,
    lengthBytes: length,
    words: `${name}: ${offset}+${length} does not hold ${wanted}`,
  }));
}

/** The ranges of which one content alone is right, each with the byte that stands here for it. */
export function wantedRanges(
  facts: ContentFact,
  sequence: Sequence,
): { offset: string; length: string; wanted: string; byte: number }[] {
  return facts.wrong.flatMap(({ offsetBytes, lengthBytes, due: [due, ...others] }) => {
    const byte = due && others.length === 0 ? byteOf(due, sequence) : undefined;
    if (due === undefined || byte === undefined) return [];
    return [{ offset: `${offsetBytes}`, length: `${lengthBytes}`, wanted: heldWords(due), byte }];
  });
}

/** Lines that tell whether a `read -P` found another byte. */
export const readBack = ({ read, lengthBytes, words }: WrongBytes): string[] => [
  `found=$(${read} 2>&1) || true`,
  `[[ $found == *'read ${lengthBytes}/'* ]] || cannot "$found"`,
  `[[ $found != *'Pattern verification failed'* ]] || shows ${quote(words)}`,
];

const content = (shown: Case): string[] => wrongBytes(shown).flatMap(readBack);

function byteOf({ origin, by }: HeldContent, sequence: Sequence): number | undefined {
  if (origin === 'zero') return 0;
  if (by) return by.apart === undefined ? guestByte(by.request) : undefined;
  const byte = /^byte:(\d+)$/.exec(origin);
  if (byte) return Number(byte[1]);
  const at = disksOf(sequence).findIndex(({ name }) => `${name}:0` === origin);
  return at === -1 ? undefined : fillByte(at);
}

type Image = { name: string; format: string; file: string };

/** A disk's image, or a file that a job has made and the sequence wants to be read. */
function imageNamed(sequence: Sequence, name: string): Image | undefined {
  const disk = disksOf(sequence).find((each) => each.name === name);
  if (disk) return { name, format: disk.format, file: imageFile(disk) };
  for (const claim of sequence.after ?? []) {
    const wanted = 'content' in claim ? claim.content : 'boots' in claim ? claim.boots : undefined;
    if (typeof wanted === 'object' && wanted.file === name)
      return { name, format: wanted.format, file: quote(name) };
  }
  return undefined;
}

const disksOf = (sequence: Sequence): Disk[] => [...sequence.arena.disks, ...disksMadeBySteps(sequence)];
