import { existsSync } from 'node:fs';
import type { ImageFormat } from '../../sequence/arena.ts';
import type { Program } from '../programs/binary.ts';
import { openedBy } from './opened-by.ts';
import { isSoundQcow2 } from './qcow2-sound.ts';
import { type ImageToolResult, type NotRead, notRead, qemuImg } from './qemu-img.ts';

export type ImageFile = { path: string; format: ImageFormat };

/**
 * Whether two images read the same to a guest: `qemu-img compare`, whatever is allocated (no -s). QEMU counts in
 * sectors, so raw of 513 bytes and qcow2 of 1024 have the same size; any other difference in size is 'different',
 * though `compare` takes what is missing for zeroes. Locks are honoured (no -U): a qcow2 image that somebody
 * still has open to write is 'unreadable' (raw only where its user shares no writing, as a guest's disk does).
 */
export async function compareImages(
  img: Program,
  a: ImageFile,
  b: ImageFile,
): Promise<{ outcome: 'same' | 'different'; text: string } | NotRead> {
  // With one key for both, and options for one only, qemu-img could not open them.
  const isSealed = [a, b].some((each) => openedBy(each).includes('--object'));
  if (isSealed) return { outcome: 'untried', text: 'an image is encrypted' };
  const result = await qemuImg(img, ['compare', '-f', a.format, '-F', b.format, a.path, b.path]);
  const text = result.stdout.trim().replaceAll('\n', ' ');
  if (result.code === 1) return { outcome: 'different', text };
  if (result.code !== 0) return notRead('compare', result);
  if (/size mismatch/i.test(text))
    return { outcome: 'different', text: 'the sizes differ, the rest is zeroes' };
  return { outcome: 'same', text };
}

/**
 * Whether an image is sound: `qemu-img check`, where it does not show without a process. Leaked clusters count as broken, since QEMU has had its time to tidy
 * up; the text tells them from corruption (a killed QEMU may leave leaks). Raw has nothing to check.
 */
export async function checkImage(
  img: Program,
  { path, format }: ImageFile,
): Promise<{ outcome: 'holds' | 'broken'; text: string } | NotRead> {
  if (format === 'raw' || format === 'luks') return { outcome: 'holds', text: `${format}: nothing to check` };
  if (format === 'qcow2' && existsSync(path) && isSoundQcow2(path))
    return { outcome: 'holds', text: 'its tables and reference counts agree' };
  const result = await qemuImg(img, ['check', ...openedBy({ path, format }, { alone: true })]);
  const text = summary(result);
  switch (result.code) {
    case 0:
      return { outcome: 'holds', text };
    case 2:
      return { outcome: 'broken', text: `corrupt: ${text}` };
    case 3:
      return { outcome: 'broken', text: `leaks only: ${text}` };
    default:
      return notRead('check', result); // 1: the check could not be carried out
  }
}

/** Whether someone has the image open for writing, so that `qemu-img info` is refused its lock. */
export async function isLocked(img: Program, { path, format }: ImageFile): Promise<boolean> {
  const result = await qemuImg(img, ['info', ...openedBy({ path, format })]);
  return result.code !== 0 && /lock/i.test(result.error);
}

/** The line of `check` that counts errors or leaks; the advice after it is left out. */
function summary({ stdout, error }: ImageToolResult): string {
  const lines = stdout.split('\n').map((line) => line.trim());
  return lines.find((line) => /\d+ errors|\d+ leaked clusters|No errors/.test(line)) ?? error;
}
