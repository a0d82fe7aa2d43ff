import type { Json } from '../../sequence/step.ts';
import { asPlace } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { ImageStory } from './image-story.ts';
import type { IntegrityRule } from './integrity-rule.ts';
import { grainBytesOf, type Written, writtenByOneJob } from './space.ts';

export const sparseCopy: IntegrityRule = {
  rule: {
    name: 'integrity/sparse-copy',
    kind: 'integrity',
    statement:
      "A whole mirror into an empty raw file leaves that file no larger on its disk than the source's data and what the guest wrote, by whole clusters.",
    source:
      'we expect it: from 10.1 on a mirror skips zeroes where the target is zero already (block/mirror.c, "mirror: Skip writing zeroes when target is already zero"); before, every zero was written out',
    since: '10.1',
  },
  judge(evidence, story, ledger) {
    return writtenByOneJob(evidence, story).flatMap((written) => {
      const dueBytes = dueOf(evidence, story, written);
      if (dueBytes === undefined) return [];
      const { image, occupiedBytes } = written.seen;
      if (occupiedBytes <= dueBytes) {
        ledger.held(sparseCopy.rule);
        return [];
      }
      const facts: Fact = { shape: 'image', image, is: 'occupies more', occupiedBytes, dueBytes };
      return [{ rule: sparseCopy.rule, at: asPlace(written.at), facts }];
    });
  },
};

/** The most that it may occupy; undefined where that is not known. */
function dueOf(
  evidence: Evidence,
  { sources, guest }: ImageStory,
  { file, job }: Written,
): number | undefined {
  const fresh = sources.fresh.get(file);
  const initial = sources.fresh.get(job.reads ?? '')?.initial;
  const start = evidence.bySent.get(job.sent);
  const isEmptyFile = fresh?.format === 'raw' && fresh.empty && start?.name === 'blockdev-mirror';
  const { sync, unmap, granularity = 0 } = start?.args ?? {};
  if (!isEmptyFile || sync !== 'full' || unmap === false || typeof granularity !== 'number') return undefined;
  if (evidence.exchanges.some(({ step, name, args }) => step !== undefined && givesBacking(name, args)))
    return undefined;
  if (!initial || !/^(completed|cancelled softly)$/.test(job.ended?.how.how ?? '')) return undefined;
  const grain = Math.max(grainBytesOf(evidence), granularity);
  const grains = new Set<number>();
  const touch = (from: number, to: number): void => {
    for (let each = Math.floor(from / grain); each * grain < to; each++) grains.add(each);
  };
  for (const { from, to, origins } of initial)
    if (origins === 'any' || [...origins].some((origin) => origin !== 'zero')) touch(from, to);
  for (const { changes } of guest.values())
    for (const { offsetBytes, lengthBytes } of changes) touch(offsetBytes, offsetBytes + lengthBytes);
  // The file system may round, and keep tables of its own.
  return (grains.size + 1) * grain;
}

/** What a chain holds that a step has put together is not what its top held when it was made. */
const givesBacking = (name: string, args: Record<string, Json>): boolean =>
  /^(blockdev-reopen|x-blockdev-reopen|blockdev-snapshot(-sync)?)$/.test(name) ||
  /"type":"blockdev-snapshot/.test(JSON.stringify(args)) ||
  typeof args.backing === 'string';
