import { createGuestWriter, type GuestWriter } from '../../target/guest/guest-writer.ts';
import type { GuestWriters } from '../run.ts';

/** The guests' clients of all sequences of a session, each made when it is first wanted. */
export function guestWriters(): GuestWriters & { stop(): void } {
  const slots: GuestWriter[] = [];
  return {
    open: new Map(),
    take(slot) {
      slots[slot] ??= createGuestWriter();
      return slots[slot];
    },
    stop() {
      for (const writer of slots) writer?.stop();
      slots.length = 0;
    },
  };
}
