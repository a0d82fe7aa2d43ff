import type { Violation } from '../../judge/rule.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { type Mask, meets } from '../discoveries/mask.ts';
import { hides } from '../discoveries/stored-masks.ts';
import { limits } from '../limits.ts';
import { isHang } from './is-hang.ts';

/** How often what a mask stands for was run all the same, and how often its crash came of it. */
export type MaskEvidence = {
  /** How often the mask is to be heeded on that version. */
  chance(mask: Mask, version: string): number;
  note(masks: readonly Mask[], run: Run): void;
};

type Run = {
  version: string;
  sequence: Sequence;
  tried: { signatures: readonly string[]; violations: readonly Violation[]; reason?: string };
};

/**
 * A mask is steps, and the crash has a cause. Where those steps often come without the crash, the cause is another, and
 * the mask would take from a property what is none of its business: it is heeded as often as the crash comes of them.
 */
export function openMaskEvidence(): MaskEvidence {
  const seen = new Map<string, { met: number; showed: number }>();
  const keys = new WeakMap<Mask, string>();

  return {
    chance(mask, version) {
      if (mask.notOn?.includes(version)) return 0;
      if (mask.atEnd) return mask.rate * limits.maskedAtEndShare;
      const { met, showed } = seen.get(keyOf(mask, version)) ?? { met: 0, showed: 0 };
      const rate = (mask.rate * limits.maskRateRuns + showed) / (limits.maskRateRuns + met);
      const isTrusted = met >= limits.maskTrialsMin || isHang(mask.signature);
      return rate * (isTrusted ? limits.maskedShare : limits.maskedShare - limits.maskTrialsShare);
    },
    note(masks, { version, sequence, tried }) {
      if (tried.reason !== undefined) return;
      const isHidden = tried.violations.some(({ rule }) => hides(rule.kind));
      for (const mask of masks) {
        if (mask.atEnd || mask.notOn?.includes(version) || !meets(sequence, mask)) continue;
        const showed = tried.signatures.includes(mask.signature);
        // Another crash may have come first.
        if (!showed && isHidden) continue;
        const key = keyOf(mask, version);
        const before = seen.get(key) ?? { met: 0, showed: 0 };
        seen.set(key, { met: before.met + 1, showed: before.showed + (showed ? 1 : 0) });
      }
    },
  };

  function keyOf(mask: Mask, version: string): string {
    const own = keys.get(mask) ?? JSON.stringify([mask.signature, mask.steps]);
    keys.set(mask, own);
    return `${version} ${own}`;
  }
}
