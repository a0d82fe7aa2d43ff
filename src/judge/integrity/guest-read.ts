import { clip } from '../../model/content/expectation.ts';
import { type GuestChange, possibleWithin } from '../../model/content/guest-history.ts';
import { asPlace, opening } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Violation } from '../rule.ts';
import { causeOf } from './content-cause.ts';
import type { GuestRead } from './guest-changes.ts';
import { guestViews } from './guest-view.ts';
import type { ImageStory } from './image-story.ts';
import { type IntegrityRule, rangesOf } from './integrity-rule.ts';
import { type ContentMismatch, mismatches, recordRight } from './mismatch.ts';

export const guestRead: IntegrityRule = {
  rule: {
    name: 'integrity/guest-read',
    kind: 'integrity',
    statement:
      'A guest read that succeeds returns, byte for byte, what was on the disk at some time between its start and its end.',
    source:
      'we expect it: no operation is documented to change what the guest sees of its disk; NBD protocol: a completed write is seen by reads that are sent after its reply',
  },
  judge(evidence, story, ledger) {
    const views = guestViews(evidence);
    return [...story.guest].flatMap(([disk, { reads }]) => {
      const known = story.graph.disks.get(disk);
      const until = Math.min(known?.lostAt ?? 0, story.graph.lostAt);
      const touching = byRegion(story.guest.get(disk)?.changes ?? []);
      return reads.flatMap((read) => {
        const isFollowed = read.end < until;
        if (isFollowed || read.end < (views.get(disk) ?? opening))
          return judgeRead(evidence, story, { disk, read, touching, isFollowed }, ledger);
        ledger.undecided(guestRead.rule, { why: 'images unknown', from: asPlace(until) });
        return [];
      });
    });
  },
};

type Touching = (from: number, to: number) => GuestChange[];

/** Looks changes up by where they are: a trace with many reads and many writes must not cost their product. */
function byRegion(changes: readonly GuestChange[]): Touching {
  const regionBytes = 2 ** 20;
  const regions = new Map<number, GuestChange[]>();
  for (const change of changes) {
    for (const region of regionsOf(change.offsetBytes, change.offsetBytes + change.lengthBytes)) {
      const there = regions.get(region);
      if (there) there.push(change);
      else regions.set(region, [change]);
    }
  }
  return (from, to) => {
    const near = new Set(regionsOf(from, to).flatMap((region) => regions.get(region) ?? []));
    return [...near]
      .filter(({ offsetBytes, lengthBytes }) => offsetBytes < to && offsetBytes + lengthBytes > from)
      .sort((a, b) => a.begin - b.begin);
  };

  function regionsOf(from: number, to: number): number[] {
    const first = Math.floor(from / regionBytes);
    return Array.from({ length: Math.ceil(to / regionBytes) - first }, (_, i) => first + i);
  }
}

function judgeRead(
  evidence: Evidence,
  story: ImageStory,
  {
    disk,
    read,
    touching,
    isFollowed,
  }: { disk: string; read: GuestRead; touching: Touching; isFollowed: boolean },
  ledger: Ledger,
): Violation[] {
  const of = story.sources.disks.get(disk);
  const initial = of && story.sources.fresh.get(of.first)?.initial;
  const seen = evidence.trace[read.end];
  if (seen?.kind !== 'guest-end' || !seen.runs) return [];
  if (!initial) {
    ledger.undecided(guestRead.rule, 'content unknown');
    return [];
  }
  const last = seen.runs.at(-1);
  const from = read.offsetBytes;
  const to = last ? last[0] + last[1] : from;
  const changes = touching(from, to);
  // Seen on 7.2 to 11.1, one run in ten: zeroes beside a range that is being zeroed, for as long as that takes.
  const isZeroing = changes.some(
    ({ kind, begin, end }) => kind !== 'write' && begin < read.end && end > read.begin,
  );
  if (isZeroing) {
    ledger.undecided(guestRead.rule, 'race');
    return [];
  }
  // What lies below is not known where images are not followed.
  const layered = of.history.layered || !isFollowed;
  const possible = possibleWithin({ changes, layered }, initial, { from: read.begin, to: read.end });
  const compared = mismatches(seen.runs, clip(possible, from, to), evidence.opened.sequence.seed);
  const { wrong } = compared;
  if (wrong.length === 0) {
    recordRight(ledger, guestRead.rule, compared);
    return [];
  }
  const isBeingWritten = ({ from, to, found }: ContentMismatch): boolean =>
    found === 'zero' &&
    changes.some(
      (change) =>
        change.kind === 'write' &&
        change.begin < read.end &&
        change.end > read.begin &&
        change.offsetBytes <= from &&
        to <= change.offsetBytes + change.lengthBytes &&
        meetsZeroes(evidence, disk, change, touching),
    );
  if (wrong.every(isBeingWritten)) {
    ledger.undecided(guestRead.rule, 'race');
    return [];
  }
  const by = { disk, request: read.request };
  const on = story.graph.disks.get(disk);
  const { file } = on?.lay.findLast(({ since }) => since < read.end) ?? { file: of.first };
  const cause = causeOf(evidence, story, { file, disk: on, at: read.end }, wrong);
  const facts: Fact = { shape: 'content', of: by, ...rangesOf(wrong, evidence, story), cause };
  return [
    { rule: guestRead.rule, at: read.end, ...(read.step === undefined ? {} : { step: read.step }), facts },
  ];
}

/**
 * Where a write meets a cluster of zeroes, qcow2 zeroes the place of the whole write first (handle_alloc_space), on all
 * four versions: what a read beside it finds there meanwhile nobody promises.
 */
function meetsZeroes(
  { opened }: Evidence,
  name: string,
  { offsetBytes, lengthBytes, end }: GuestChange,
  touching: Touching,
): boolean {
  const { zeroes, clusterBytes = 65_536 } =
    opened.sequence.arena.disks.find((each) => each.name === name) ?? {};
  const from = offsetBytes - (offsetBytes % clusterBytes);
  const to = Math.ceil((offsetBytes + lengthBytes) / clusterBytes) * clusterBytes;
  return (
    zeroes !== undefined || touching(from, to).some(({ kind, begin }) => kind !== 'write' && begin < end)
  );
}
