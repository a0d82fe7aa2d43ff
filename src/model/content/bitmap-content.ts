import { type ByteRange, joined, roundedOut } from './byte-ranges.ts';
import type { GuestChange, Window } from './guest-history.ts';

/** A dirty bitmap from its making to its end, and all that was done to it. Places in the trace throughout. */
export type BitmapLife = {
  node: string;
  name: string;
  added: Window;
  enabled: boolean;
  persistent: boolean;
  /** What it has from the start: of a persistent one, what the QEMU before left. */
  holds: DirtyBytes;
  events: BitmapEvent[];
  /** From where on it is not there any more, or something was done to it that is not followed. */
  until: number;
  /** How it came to that: its node was closed, or it was removed. */
  ended?: { how: 'closed' | 'removed'; when: Window };
};

/** `from`: sent; `to`: answered, or seen. */
export type BitmapEvent = Window &
  (
    | { what: 'clear' | 'enable' | 'disable' }
    | { what: 'merge'; sources: readonly (BitmapLife | undefined)[] }
    | { what: 'job begins' }
    | {
        what: 'job ends';
        began: Window;
        ending: 'done' | 'failed' | 'unclear';
        sync: BitmapSync;
        /** So much of the disk it has not copied, by its own figures. */
        leftBytes: number;
      }
  );

/** What a job does with the bitmap that it was given. `whole`: it copies more than the bitmap names. */
export type BitmapSync = { mode: 'on-success' | 'never' | 'always'; whole: boolean };

/**
 * What is dirty for sure, and what may be; the grains of the bitmap are made of it by whoever compares. `leastBytes`: so
 * many are dirty, wherever they are.
 */
export type DirtyBytes = {
  least: readonly ByteRange[];
  most: readonly ByteRange[] | 'any';
  leastBytes: number;
};

/** A guest's change on the bitmap's node. `sure`: it passed the node whenever it was carried out. */
export type WrittenThrough = { change: GuestChange; sure: boolean };

export type Writers = {
  /** Requests of guests that pass, or may pass, that node. */
  through(node: string): readonly WrittenThrough[];
  /** When others than guests may have written to it. */
  others(node: string): readonly Window[];
  granularityOf(bitmap: BitmapLife): number | undefined;
  /** What a backup copies at a time, at most: by that it takes from a bitmap, and gives back. */
  copyGrainBytes: number;
};

const clean: DirtyBytes = { least: [], most: [], leastBytes: 0 };

/**
 * What the bitmap may say at any instant of the window; undefined while a job has it, and where something was done to it
 * meanwhile. A write is recorded at one unknown instant between its begin and its end.
 */
export function dirtyWithin(life: BitmapLife, window: Window, writers: Writers): DirtyBytes | undefined {
  if (life.until <= window.to || life.added.to > window.from) return undefined;
  let bits = life.holds;
  let { enabled } = life;
  let since = enabled ? life.added : undefined;
  let isHeld = false;
  for (const event of life.events) {
    if (event.from >= window.to) break;
    if (event.to > window.from) return undefined;
    bits = recorded(bits, since, event);
    switch (event.what) {
      case 'clear':
        bits = clean;
        since = enabled ? event : undefined;
        break;
      case 'enable':
        if (!enabled) since = event;
        enabled = true;
        break;
      case 'disable':
        since = undefined;
        enabled = false;
        break;
      case 'merge':
        bits = event.sources.reduce((sum, source) => both(sum, mergedFrom(source, event)), bits);
        break;
      case 'job begins':
        isHeld = true;
        break;
      case 'job ends':
        isHeld = false;
        bits = afterJob(bits, event, writers.copyGrainBytes);
        since = enabled ? event.began : undefined;
        break;
      default:
        return event satisfies never;
    }
  }
  return isHeld ? undefined : recorded(bits, since, window);

  /** `since`: from when on it records. */
  function recorded(bits: DirtyBytes, since: Window | undefined, until: Window): DirtyBytes {
    if (!since) return bits;
    const written = writers.through(life.node);
    const least = written.filter(
      ({ change, sure }) =>
        sure &&
        change.acknowledged &&
        change.kind !== 'discard' &&
        change.begin > since.to &&
        change.end < until.from,
    );
    const most = written.filter(({ change }) => change.end >= since.from && change.begin <= until.to);
    const isOthers = writers.others(life.node).some(({ from, to }) => from <= until.to && to >= since.from);
    return both(bits, { ...clean, least: least.map(bytesOf), most: isOthers ? 'any' : most.map(bytesOf) });
  }

  function mergedFrom(source: BitmapLife | undefined, window: Window): DirtyBytes {
    const held = source && dirtyWithin(source, window, writers);
    const grainBytes = source && writers.granularityOf(source);
    if (!held) return { ...clean, most: 'any' };
    if (grainBytes === undefined) return { ...held, most: 'any' };
    const most = held.most === 'any' ? held.most : roundedOut(held.most, grainBytes);
    return { ...held, least: roundedOut(held.least, grainBytes), most };
  }
}

/** What was written since the job began is recorded in any case; `before`: that, and what the bitmap said before. */
function afterJob(
  before: DirtyBytes,
  { ending, sync, leftBytes }: JobEnds,
  copyGrainBytes: number,
): DirtyBytes {
  if (sync.mode === 'never') return before;
  if (ending === 'done') return clean;
  // What was not copied stays, or becomes, dirty.
  if (sync.mode === 'always') {
    const most = sync.whole || before.most === 'any' ? 'any' : roundedOut(before.most, copyGrainBytes);
    return { least: [], most, leastBytes: leftBytes };
  }
  return ending === 'failed' ? before : { ...clean, most: before.most };
}

type JobEnds = Extract<BitmapEvent, { what: 'job ends' }>;

const bytesOf = ({ change: { offsetBytes, lengthBytes } }: WrittenThrough): ByteRange => ({
  from: offsetBytes,
  to: offsetBytes + lengthBytes,
});

const both = (a: DirtyBytes, b: DirtyBytes): DirtyBytes => ({
  least: joined([...a.least, ...b.least]),
  most: a.most === 'any' || b.most === 'any' ? 'any' : joined([...a.most, ...b.most]),
  leastBytes: Math.max(a.leastBytes, b.leastBytes),
});
