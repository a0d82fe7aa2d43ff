import {
  type BitmapLife,
  type BitmapSync,
  dirtyWithin,
  type Writers,
  type WrittenThrough,
} from '../../model/content/bitmap-content.ts';
import { actionsOf, type DoneCommand, follow, type Happening, jobKey } from '../../model/content/follow.ts';
import type { Window } from '../../model/content/guest-history.ts';
import type { ImageGraph } from '../../model/content/image-graph.ts';
import { nodeCalled, partOf } from '../../model/content/image-lookups.ts';
import { cardOf, jobOf } from '../../qemu/cards.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { nowhere } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';
import { noteWays, spansOn, type Way } from './guest-ways.ts';
import { happeningsOf } from './happenings.ts';
import { type ImageStory, imageStoryOf, openedImages } from './image-story.ts';
import { grainBytesOf } from './space.ts';
import { spareBytesOf, type Uncopied, uncopiedOf } from './uncopied.ts';

/** The dirty bitmaps of a trace, in the order in which they were added, and who wrote on their nodes. */
export type BitmapStory = {
  lives: readonly BitmapLife[];
  /** The file of each node that has had a bitmap. */
  files: ReadonlyMap<string, string>;
  /** The bitmap that a backup was given, as it was when the job began: what was done to it before. By the job's key. */
  given: ReadonlyMap<string, { life: BitmapLife; began: Window }>;
  writers: Omit<Writers, 'granularityOf'>;
};

const stories = new WeakMap<Evidence, BitmapStory>();

/** Built once for each trace, however many rules read it. */
export function bitmapStoryOf(evidence: Evidence, images: ImageStory): BitmapStory {
  const known = stories.get(evidence) ?? follows(evidence, images);
  stories.set(evidence, known);
  return known;
}

/** Follows the images once more, and sees after each happening where the guests' requests go by then. */
function follows(evidence: Evidence, { guest, qemu }: ImageStory): BitmapStory {
  const { graph } = openedImages(evidence);
  const files = new Map<string, string>();
  const lives = bitmapsLeft(evidence, graph, files);
  const jobs = new Map<string, BitmapJob>();
  const given: Followed['given'] = new Map();
  const ways = new Map([...graph.disks.keys()].map((disk): [string, Way[]] => [disk, []]));
  noteWays(graph, ways, { from: 0, to: 0 });
  const uncopied = uncopiedOf(evidence, guest);
  const copyGrainBytes = grainBytesOf(evidence);
  follow(graph, happeningsOf(evidence, guest, qemu), (happening) => {
    noteBitmaps({ graph, lives, jobs, given, files, uncopied, copyGrainBytes }, happening);
    if (happening.kind !== 'refused') noteWays(graph, ways, { from: happening.from, to: happening.at });
  });
  for (const life of lives) life.until = Math.min(life.until, graph.lostAt);
  return { lives, files, given, writers: { through, others, copyGrainBytes } };

  function through(node: string): WrittenThrough[] {
    return [...ways].flatMap(([disk, list]) => {
      const spans = spansOn(list, node);
      return (guest.get(disk)?.changes ?? []).flatMap((change): WrittenThrough[] => {
        const near = spans.filter(({ may }) => change.end >= may.from && change.begin <= may.to);
        const sure = near.some(
          (span) => span.sure && change.begin > span.sure.from && change.end < span.sure.to,
        );
        return near.length > 0 ? [{ change, sure }] : [];
      });
    });
  }

  function others(node: string): Window[] {
    const file = files.get(node);
    const jobsOn = graph.past.filter(({ writes }) => writes === file);
    return [
      ...jobsOn.map(({ sent, ended }) => ({ from: sent, to: ended?.at ?? nowhere })),
      ...graph.overwritten.filter((each) => each.file === file).map(({ from }) => ({ from, to: nowhere })),
    ];
  }
}

/** What the QEMU before has left in its images: persistent bitmaps, where it has closed them itself. */
function bitmapsLeft({ former }: Evidence, graph: ImageGraph, files: Map<string, string>): BitmapLife[] {
  if (!former) return [];
  const story = imageStoryOf(former);
  if (!story.qemu.clean) return [];
  const { lives, writers } = bitmapStoryOf(former, story);
  const end = { from: story.qemu.quitAt ?? story.qemu.at, to: story.qemu.at };
  return lives.flatMap((life): BitmapLife[] => {
    // A bitmap of the guest's last moments is stored with what was in flight, or without it.
    const holds = life.persistent
      ? dirtyWithin(life, end, { ...writers, granularityOf: () => undefined })
      : undefined;
    const file = partOf(graph, life.node)?.file;
    if (!holds || file === undefined) return [];
    files.set(life.node, file);
    const enabled = life.events.reduce(
      (on, { what }) => (what === 'enable' ? true : what === 'disable' ? false : on),
      life.enabled,
    );
    return [{ ...life, added: { from: 0, to: 0 }, enabled, holds, events: [], until: nowhere }];
  });
}

/** `spareBytes`: what it counts beyond the disk's end; undefined: its clusters are not known. */
type BitmapJob = { life: BitmapLife; began: Window; sync: BitmapSync; spareBytes: number | undefined };

type Followed = {
  graph: ImageGraph;
  lives: BitmapLife[];
  jobs: Map<string, BitmapJob>;
  given: Map<string, { life: BitmapLife; began: Window }>;
  /** The file of each node that has had a bitmap. */
  files: Map<string, string>;
  uncopied: Uncopied;
  /** What a backup copies at a time, at most. */
  copyGrainBytes: number;
};

function noteBitmaps(followed: Followed, happening: Happening): void {
  if (happening.kind === 'accepted') {
    const { command } = happening;
    const commands = command.name === 'transaction' ? actionsOf(command) : [command];
    for (const each of commands) noteCommand(followed, each, { from: happening.from, to: happening.at });
  } else if (happening.kind === 'job-ended') {
    const job = followed.jobs.get(happening.job);
    if (!job) return;
    const { how } = happening.ending;
    const ending = how === 'finished' ? 'done' : how === 'failed' || how === 'cut' ? 'failed' : 'unclear';
    const { life, began, sync } = job;
    const leftBytes = leftOf(followed, happening.job, job);
    life.events.push({
      what: 'job ends',
      from: happening.from,
      to: happening.at,
      began,
      ending,
      sync,
      leftBytes,
    });
  }
}

/** Nothing where another job writes what it copies: what it saves at its end may not be in its figures. */
function leftOf(
  { graph, files, uncopied }: Followed,
  key: string,
  { life: { node }, spareBytes = Infinity }: BitmapJob,
): number {
  const isOthers = [...graph.jobs.values()].some(
    (each) => each.key !== key && each.writes === files.get(node),
  );
  return isOthers ? 0 : Math.max(0, (uncopied.get(key) ?? 0) - spareBytes);
}

function noteCommand(followed: Followed, { name, args, sent }: DoneCommand, window: Window): void {
  const { graph, lives } = followed;
  const change = cardOf(name)?.change;
  if (jobOf(name) && args.bitmap !== undefined) noteJob(followed, { name, args, sent }, window);
  else if (change?.kind === 'deletes node')
    endAll(lives, window.from, ({ node }) => node === args['node-name'], { how: 'closed', when: window });
  else if (change?.kind === 'resizes') endAll(lives, window.from);
  if (change?.kind !== 'bitmap') return;
  const node = nodeCalled(graph, args.node);
  // A drive may mean a job's filter.
  if (node !== args.node && graph.jobs.size > 0) {
    endAll(lives, window.from, (life) => life.node === node);
    return;
  }
  const on = (node: string, name: Json | undefined): BitmapLife | undefined =>
    lives.find((life) => life.node === node && life.name === name && life.until === nowhere);
  const life = on(node, args.name ?? args.target);
  switch (change.does) {
    case 'add':
      add(followed, node, args, window);
      return;
    case 'remove':
      if (life) endAll([life], window.from, () => true, { how: 'removed', when: window });
      return;
    case 'clear':
    case 'enable':
    case 'disable':
      life?.events.push({ what: change.does, ...window });
      return;
    case 'merge': {
      const sources = Array.isArray(args.bitmaps) ? args.bitmaps : [];
      life?.events.push({
        what: 'merge',
        ...window,
        sources: sources.map((each) =>
          isJsonObject(each) ? on(nodeCalled(graph, each.node), each.name) : on(node, each),
        ),
      });
      return;
    }
  }
}

function add(
  { graph, lives, files }: Followed,
  node: string,
  args: DoneCommand['args'],
  added: Window,
): void {
  const part = partOf(graph, node);
  if (!part?.whole || typeof args.name !== 'string') return;
  files.set(node, part.file);
  const holds = { least: [], most: [], leastBytes: 0 };
  const enabled = args.disabled !== true;
  const persistent = args.persistent === true;
  lives.push({ node, name: args.name, added, enabled, persistent, holds, events: [], until: nowhere });
}

/** A backup has its bitmap from its start to its end; which grains another job takes from it is not followed. */
function noteJob(
  { graph, lives, jobs, given, copyGrainBytes }: Followed,
  { name, args, sent }: Omit<DoneCommand, 'done'>,
  began: Window,
): void {
  const node = nodeCalled(graph, args.device);
  const life = lives.find(
    (each) => each.node === node && each.name === args.bitmap && each.until === nowhere,
  );
  if (!life) return;
  const mode = args['bitmap-mode'] ?? 'on-success';
  if (jobOf(name)?.type !== 'backup' || (mode !== 'on-success' && mode !== 'never' && mode !== 'always')) {
    life.until = began.from;
    return;
  }
  const sync: BitmapSync = { mode, whole: args.sync !== 'incremental' && args.sync !== 'bitmap' };
  const key = jobKey(sent, `${args['job-id'] ?? args.device}`);
  given.set(key, { life: { ...life, events: [...life.events] }, began });
  life.events.push({ what: 'job begins', ...began });
  jobs.set(key, { life, began, sync, spareBytes: spareBytesOf(graph, { name, args }, copyGrainBytes) });
}

function endAll(
  lives: readonly BitmapLife[],
  at: number,
  isMeant: (life: BitmapLife) => boolean = () => true,
  ended?: BitmapLife['ended'],
): void {
  for (const life of lives)
    if (life.until === nowhere && isMeant(life))
      Object.assign(life, { until: at, ...(ended ? { ended } : {}) });
}
