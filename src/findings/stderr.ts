import type { Trace } from '../trace/observation.ts';

/** What QEMU said on stderr, in lines; blank ones left out. */
export function stderrOf(trace: Trace): string[] {
  return trace
    .flatMap((seen) => (seen.kind === 'stderr' ? [seen.text] : []))
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
