import { type Impact, impacts, impactWords } from '../findings/impact.ts';
import { type Reach, reaches, reachWords } from '../findings/reach.ts';
import type { Progress } from '../lab/messages.ts';
import type { FindingHead } from '../page/model.ts';
import { printable } from '../printable.ts';

/** What a campaign has found and the store that is watched has not: its coordinator may write to another one. */
export const campaignHeads = (found: Progress['findings'], inStore: ReadonlySet<string>): FindingHead[] =>
  found
    .filter(({ id, shrunk }) => /^[0-9a-f]{12}$/.test(id) && !inStore.has(id) && shrunk !== 'joined')
    .map(({ id, title, kind, impact, reach, known, qemu, count, steps, reproduced }) => ({
      id,
      title: printable(title),
      ...(isImpact(impact)
        ? { impact, impactWords: impactWords[impact] }
        : { impact: 'unknown', impactWords: 'Impact unknown' }),
      ...(isReach(reach)
        ? { reach, reachWords: reachWords[reach] }
        : { reach: 'unknown', reachWords: 'Reach unknown' }),
      rule: printable(kind),
      status: known ? 'known' : 'new',
      steps,
      reproduced,
      met: count,
      affected: qemu.map((label) => ({
        ...{ version: printable(label), flavour: '', label: printable(label) },
        ...{ outcome: 'shows', words: 'shows' },
      })),
      note: "It is in the coordinator's store, and not in this one: no timeline here.",
    }));

const isImpact = (name: string): name is Impact => impacts.some((each) => each === name);
const isReach = (name: string): name is Reach => reaches.some((each) => each === name);
