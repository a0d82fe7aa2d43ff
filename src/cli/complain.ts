import { printable } from '../printable.ts';

/** Something went wrong, in one line on stderr. */
export function complain(message: string): void {
  process.stderr.write(complaint(message));
}

export const complaint = (message: string): string =>
  `mirrorfuzz: ${printable(message.trim().replaceAll(/\s*\n\s*/g, ' '))}\n`;
