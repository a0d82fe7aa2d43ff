/** A sanitizer that QEMU was built with has reported something on stderr. */
export type ReportedFact = {
  shape: 'reported';
  by: Sanitizer;
  /** `heap-use-after-free`; of undefined behaviour the file and what it says, without figures; of a leak how large each object is, in bytes, where all may be of one size. */
  what: string;
  /** The line of stderr that says so. */
  said: string;
  /** QEMU's own functions, the innermost first: who did it, or for a leak who allocated what is leaked. */
  frames: readonly string[];
};

export type Sanitizer = 'AddressSanitizer' | 'UndefinedBehaviorSanitizer' | 'LeakSanitizer';

export function reportedWords({ by, said, frames }: ReportedFact): string {
  const [place] = frames;
  if (by === 'LeakSanitizer') return `${said}${place === undefined ? '' : ` ${place}`}`;
  return `${said}${place === undefined ? '' : ` in ${place}`}`;
}
