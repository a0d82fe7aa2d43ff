import type { Discoveries } from '../campaign/discoveries/discoveries.ts';
import type { Connection } from './connection.ts';
import type { LabPlan } from './lab-plan.ts';
import { limits } from './limits.ts';
import { publish, type WrittenNews, writtenMask } from './news.ts';
import { packSequence } from './packed.ts';

/** What a coordinator tells all workers: seeds, sequences that reached something new, masks of what is known. */
export function openSpread(connection: Connection, plan: LabPlan, discoveries: Discoveries) {
  let masksChanged = false;
  return {
    /** They go out with what is passed on next. */
    masksHaveChanged(): void {
      masksChanged = true;
    },

    /** Everything that workers begin with: what the corpus has. */
    async seeds(): Promise<void> {
      if (!plan.feedback) return;
      const version = '0.0'; // of no QEMU in particular
      const seeds = plan.seeds.slice(0, limits.newsMax / 2);
      const news = seeds.map((sequence, i): WrittenNews => {
        const features = [`seed ${i}`];
        return {
          kind: 'sequence',
          version,
          sequence: packSequence(sequence),
          features,
          moments: [],
          elapsedMs: 0,
        };
      });
      for (let at = 0; at < news.length; at += 100) await publish(connection, news.slice(at, at + 100));
    },

    async pass(news: readonly WrittenNews[]): Promise<void> {
      const masks: WrittenNews[] =
        masksChanged && plan.mask ? [{ kind: 'masks', masks: discoveries.masks().map(writtenMask) }] : [];
      masksChanged = false;
      const wanted = plan.feedback ? news : news.filter(({ kind }) => kind !== 'sequence');
      await publish(connection, [...wanted, ...masks]);
    },
  };
}
