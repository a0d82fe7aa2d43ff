import { type DirtyBytes, dirtyWithin } from '../../model/content/bitmap-content.ts';
import { roundedOut } from '../../model/content/byte-ranges.ts';
import type { ContentSources } from '../../model/content/content.ts';
import type { Evidence } from '../reading/evidence.ts';
import { grainsSeen } from './bitmap-looks.ts';
import { bitmapStoryOf } from './bitmap-story.ts';
import type { ImageStory } from './image-story.ts';
import { grainBytesOf } from './space.ts';

/** What the bitmaps of backups named when those began: what is copied for sure, and the clusters of which some may be. */
export const namedBits =
  (evidence: Evidence, story: ImageStory): NonNullable<ContentSources['named']> =>
  (job): DirtyBytes | undefined => {
    const { given, writers } = bitmapStoryOf(evidence, story);
    const { life, began } = given.get(job) ?? {};
    if (!life || !began) return undefined;
    const grains = grainsSeen(evidence);
    const granularityOf = ({ node, name }: { node: string; name: string }): number | undefined =>
      grains.get(`${node} ${name}`);
    const bits = dirtyWithin(life, began, { ...writers, granularityOf });
    const grainBytes = granularityOf(life);
    if (!bits) return undefined;
    if (grainBytes === undefined || bits.most === 'any') return { ...bits, most: 'any' };
    // A backup copies by clusters of its own: QEMU's default, or the target's.
    return { ...bits, most: roundedOut(bits.most, Math.max(grainBytes, grainBytesOf(evidence))) };
  };
