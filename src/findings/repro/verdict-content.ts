import type { Disk } from '../../sequence/arena.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { fillByte, imageFile } from './images.ts';
import { quote } from './shell.ts';
import { guestByte } from './step-guest.ts';
import { type Case, cannotTell, imagesReleased, type Verdict } from './verdict.ts';

/** An image that holds other data than it must, is damaged, or has another size, once QEMU has let go of it. */
export function contentVerdict(shown: Case): Verdict | undefined {
  const { trace, at, finding } = shown;
  const { sequence } = shown.plan;
  const seen = trace[at];
  if (seen?.kind !== 'content') return undefined;
  const image = imageNamed(sequence, seen.image);
  if (image === undefined) return undefined;
  const { text } = finding.violation;
  const look =
    finding.rule === 'integrity/image-check'
      ? check(image.format, image.file)
      : finding.rule === 'integrity/image-size'
        ? size(image, text)
        : content(shown);
  if (look.length === 0) return undefined;
  return {
    unanswered: cannotTell,
    settles: true,
    ending: [...imagesReleased(sequence), ...look, 'absent'],
  };
}

export function check(format: string, file: string): string[] {
  return [
    `checked=$(qemu-img check -f ${format} ${file} 2>&1)`,
    'case $? in',
    '0) ;;',
    '2 | 3) shows "$checked" ;;',
    '*) cannot "$checked" ;;',
    'esac',
  ];
}

function size({ format, file }: Image, text: string): string[] {
  const wanted = /, not (\d+)$/.exec(text)?.[1];
  if (wanted === undefined) return [];
  return [
    `info=$(qemu-img info --output=json -f ${format} ${file}) || cannot "$info"`,
    `[[ $info == *'"virtual-size": ${wanted},'* ]] || shows "not ${wanted} bytes: $info"`,
  ];
}

/** A range of which one content alone is right: the byte that stands for it here is read back. */
type WrongBytes = { read: string; lengthBytes: string; words: string };

/** What is to be read of the image, once QEMU has let go of it; nothing where the violation is of another kind. */
export function wrongBytes({ trace, at, finding, plan: { sequence } }: Case): WrongBytes[] {
  const seen = trace[at];
  const image = seen?.kind === 'content' ? imageNamed(sequence, seen.image) : undefined;
  if (image === undefined || /integrity\/image-/.test(finding.rule)) return [];
  const { name, format, file } = image;
  return wantedRanges(finding.violation.text, sequence).map(({ offset, length, wanted, byte }) => ({
    read: `qemu-io -f ${format} -c 'read -P ${byte} ${offset} ${length}' ${file}`,
    lengthBytes: length,
    words: `${name}: ${offset}+${length} does not hold ${wanted}`,
  }));
}

/** The ranges that a violation's text tells of, each with the byte that stands here for the content it must have. */
export function wantedRanges(
  text: string,
  sequence: Sequence,
): { offset: string; length: string; wanted: string; byte: number }[] {
  const ranges = text.matchAll(
    /(\d+)\+(\d+) holds .*?, not (zero|zero of guest (?:zero|discard) \d+ \([^)]*\)|byte:\d+|guest write \d+ \([^)]*\)|[\w.-]+:0)(?=;|$)/g,
  );
  return [...ranges].flatMap(([, offset = '', length = '', wanted = '']) => {
    const byte = byteOf(wanted, sequence);
    return byte === undefined ? [] : [{ offset, length, wanted, byte }];
  });
}

/** Lines that tell whether a `read -P` found another byte. */
export const readBack = ({ read, lengthBytes, words }: WrongBytes): string[] => [
  `found=$(${read} 2>&1) || true`,
  `[[ $found == *'read ${lengthBytes}/'* ]] || cannot "$found"`,
  `[[ $found != *'Pattern verification failed'* ]] || shows ${quote(words)}`,
];

const content = (shown: Case): string[] => wrongBytes(shown).flatMap(readBack);

function byteOf(wanted: string, sequence: Sequence): number | undefined {
  if (/^zero( of guest |$)/.test(wanted)) return 0;
  const byte = /^byte:(\d+)$/.exec(wanted);
  if (byte) return Number(byte[1]);
  const written = /^guest write (\d+)/.exec(wanted);
  if (written) return guestByte(Number(written[1]));
  const at = disksOf(sequence).findIndex(({ name }) => `${name}:0` === wanted);
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
