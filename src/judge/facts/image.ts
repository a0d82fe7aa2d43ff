/** An image that is damaged, or is of another size, or that no guest can live on. */
export type ImageFact = { shape: 'image'; image: string } /** As qemu-img check says it. */ & (
  | { is: 'inconsistent'; leaksOnly: boolean; said: string }
  | { is: 'another size'; sizeBytes: number; dueBytes: number }
  | { is: 'occupies more'; occupiedBytes: number; dueBytes: number }
  | { is: 'zeroes written out'; offsetBytes: number; lengthBytes: number }
  /** In its header; null: it names none. */
  | { is: 'another backing file'; file: string | null; due: string }
  /** Of the backing file, in its header; null: it gives none. */
  | { is: 'another backing format'; format: string | null; due: string }
  /** It has data clusters, and none that is compressed. */
  | { is: 'not compressed' }
  /** Data that was copied and given up. */
  | { is: 'not discarded'; offsetBytes: number; lengthBytes: number }
  | { is: 'gone' }
  | { is: 'not to be checked' | 'not to be read'; said: string }
  /** BLOCK_IMAGE_CORRUPTED. */
  | { is: 'marked corrupt'; said: string }
  | { is: 'not bootable' | 'not readable'; said: string }
  | { is: 'read otherwise'; lengthBytes: number; guest: string; host: string }
);

export function imageWords(fact: ImageFact): string {
  const { image } = fact;
  switch (fact.is) {
    case 'inconsistent':
    case 'marked corrupt':
      return `${image}: ${fact.said}`;
    case 'another size':
      return `${image} has ${fact.sizeBytes} bytes, not ${fact.dueBytes}`;
    case 'occupies more':
      return `${image} occupies ${fact.occupiedBytes} bytes, and ${fact.dueBytes} are enough`;
    case 'zeroes written out':
      return `${image}: ${fact.lengthBytes} bytes at ${fact.offsetBytes}, which are zero, lie in data clusters`;
    case 'another backing file':
      return `the header of ${image} names ${fact.file ?? 'no backing file'}, not ${fact.due}`;
    case 'another backing format':
      return `the header of ${image} says that its backing file is ${fact.format ?? 'of no format'}, not ${fact.due}`;
    case 'not compressed':
      return `${image} has data clusters, and none of them is compressed`;
    case 'not discarded':
      return `${image}: ${fact.lengthBytes} bytes at ${fact.offsetBytes} are still there, and were to be discarded once copied`;
    case 'gone':
      return `${image} is gone`;
    case 'not to be checked':
      return `${image} cannot be checked: ${fact.said}`;
    case 'not to be read':
      return `${image} cannot be read: ${fact.said}`;
    case 'not bootable':
      return `no guest boots from ${image}: ${fact.said}`;
    case 'not readable':
      return `the guest that boots from ${image} can't read it: ${fact.said}`;
    case 'read otherwise':
      return `the guest that boots from ${image} finds something else in its first ${fact.lengthBytes} bytes: sums ${fact.guest}, not ${fact.host}`;
    default:
      return fact satisfies never;
  }
}

/** `plain`: a text of QEMU's without what the sequence chose. */
export function imageSignature(fact: ImageFact, plain: (text: string) => string): string {
  switch (fact.is) {
    case 'inconsistent':
      return fact.leaksOnly ? 'clusters leaked' : fact.is;
    case 'marked corrupt':
    case 'not to be checked':
    case 'not to be read':
      return `${fact.is}: ${plain(fact.said)}`;
    case 'another size':
    case 'occupies more':
    case 'zeroes written out':
    case 'another backing file':
    case 'another backing format':
    case 'not compressed':
    case 'not discarded':
    case 'gone':
    case 'not bootable':
    case 'not readable':
    case 'read otherwise':
      return fact.is;
    default:
      return fact satisfies never;
  }
}
