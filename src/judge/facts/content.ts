import type { Origin } from '../../trace/content-run.ts';
import type { ContentCause } from './content-cause.ts';

/** An image, or what a guest reads of its disk, holds other data than it must. */
export type ContentFact = {
  shape: 'content';
  /** The image that was read in the end, or the request by which the guest has read. */
  of: { image: string; when: string } | { disk: string; request: number };
  /** The first of them. */
  wrong: readonly WrongRange[];
  more: number;
  /** A finding of an older version has none. */
  cause?: ContentCause;
};

export type WrongRange = {
  offsetBytes: number;
  lengthBytes: number;
  holds: HeldContent;
  /** Any of these was due. */
  due: readonly HeldContent[];
};

/** Where bytes come from: a request of the guest, or whatever the origin names. */
export type HeldContent = {
  origin: Origin;
  by?: {
    kind: 'write' | 'zero' | 'discard';
    request: number;
    /** So many sectors from where it was written. */
    apart?: string;
    acknowledgedUs?: number;
  };
};

export function contentWords({ of, wrong, more }: ContentFact): string {
  const where = 'image' in of ? `${of.image} ${of.when}` : `guest read ${of.request} of ${of.disk}`;
  const ranges = wrong.map(({ offsetBytes, lengthBytes, holds, due }) => {
    const wanted = due.length > 3 ? `one of ${due.length} contents` : due.map(heldWords).join(' or ');
    return `${offsetBytes}+${lengthBytes} holds ${heldWords(holds)}, not ${wanted}`;
  });
  return `${where}: ${ranges.join('; ')}${more > 0 ? `; and ${more} more ranges` : ''}`;
}

/** `guest write 7 (acknowledged 12.3 ms)` for what a request of the guest left, else the origin itself. */
export function heldWords({ origin, by }: HeldContent): string {
  if (!by) return origin;
  const when =
    by.acknowledgedUs === undefined
      ? '(never acknowledged)'
      : `(acknowledged ${(by.acknowledgedUs / 1000).toFixed(1)} ms)`;
  if (origin === 'zero') return `zero of guest ${by.kind} ${by.request} ${when}`;
  const place = by.apart === undefined ? '' : ` at ${by.apart} sectors`;
  return `guest write ${by.request}${place} ${when}`;
}
