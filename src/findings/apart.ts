import type { Finding } from './finding.ts';
import { findingId } from './signature.ts';
import { blame } from './stacks/cause.ts';

/**
 * The finding under an id of its own, to stand beside another one of the same signature; undefined where its signature
 * says enough itself, or no debugger says more.
 */
export function apart(finding: Finding): Finding | undefined {
  if (!isVague(finding.signature)) return undefined;
  const cause = blame(finding.stacks ?? []);
  if (cause === undefined) return undefined;
  const id = findingId(`${finding.signature}: ${cause}`);
  return { ...finding, id, path: id };
}

/**
 * It names a signal and the command that happened to run (signature/crash.ts), or the lock that is no more, whoever
 * wanted it: not a place in QEMU.
 */
export const isVague = (signature: string): boolean =>
  /^crash\/(the heap is corrupted$|SIG[A-Z]+ (in|with) |assertion qemu-thread-posix\.c: |qemu_mutex_(un)?lock_impl: )/.test(
    signature,
  );
