import { EnvironmentError } from '../../errors.ts';
import { remedy } from '../../target/disk-space.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import { limits } from '../limits.ts';

/**
 * To be asked of a run that went wrong. Throws EnvironmentError where the temporary file system was full: what QEMU
 * does then is not what the sequence asked for.
 */
export function mustHaveHadRoom(trace: Trace, freeBytesLeft: number): void {
  const opened = trace[0];
  if (opened?.kind !== 'opened') return;
  const { sequence, qemu } = opened;
  // Another run may have filled the file system and be gone by now; what it did to this one is still in the trace.
  const wanted = /"ENOSPC"|"room":\{|"fault":"fill"/.test(JSON.stringify(sequence));
  if (freeBytesLeft >= limits.runFreeBytesMin && (wanted || !trace.some(saysNoSpace))) return;
  throw new EnvironmentError(
    `temporary filesystem full: ${Math.floor(freeBytesLeft / 2 ** 20)} MiB were left while "${sequence.title}" ran on ${qemu.version}; what it showed there is not counted`,
    remedy,
  );
}

function saysNoSpace(seen: Observation): boolean {
  switch (seen.kind) {
    case 'reply':
    case 'event':
    case 'guest-end':
    case 'stderr':
    case 'image':
      return JSON.stringify(seen).includes('No space left on device');
    default:
      return false;
  }
}
