/**
 * The series of QEMU in which something changed that mirrorfuzz minds, oldest first. `suite`: the Debian release that
 * ships it, which `qemu fetch` gets and every rule is tried on; a series without one only says since when something
 * is so. `brings`: what is so from there on. `fails`: what crashes or hangs it, and no other series, so that it is
 * sent seldom. A new QEMU is a row here (CONTRIBUTING.md, "QEMU 12 is out").
 */
export const versions = [
  {
    series: '5.2',
    suite: 'bullseye',
    brings: [],
    fails: [
      'query of a concluded backup',
      'export into an iothread beside anything',
      'HMP request of a device in an iothread',
    ],
  },
  {
    series: '6.0',
    suite: undefined,
    brings: [
      /** `object-add` takes its properties as members, no more as `props`; the storage daemon has it, too. */
      'plain object-add',
      /** The storage daemon closes its images when it quits ("add missing cleanup calls"). */
      'daemon closes images',
      /** A cancel by force ends a job that is paused, or sleeps off a rate limit, and waits for no flush. */
      'cancel by force at once',
      /** No handler waits for a job's AioContext and wakes to one that is null by then. */
      'no late handlers',
      /** `transform` of `block-bitmap-mapping`. */
      'bitmaps changed on their way',
    ],
    fails: [],
  },
  {
    series: '6.1',
    suite: undefined,
    brings: [
      'blockdev-reopen',
      /** The property `drive` of a device that is there can be set. */
      'drive of a live device',
    ],
    fails: [],
  },
  {
    series: '6.2',
    suite: undefined,
    brings: [
      /** "job: Allow complete for jobs on standby" (source and experiment); nor does a pause stand in its way. */
      'complete in standby',
    ],
    fails: [],
  },
  { series: '7.2', suite: 'bookworm', brings: [], fails: ['query of a concluded stream'] },
  { series: '8.2', suite: undefined, brings: [], fails: [] },
  {
    series: '10.0',
    suite: 'trixie',
    brings: [
      /** `iothread-vq-mapping` of virtio-blk (9.0) and of virtio-scsi. */
      'queues in iothreads',
    ],
    fails: ['export into an iothread beside a job'],
  },
  { series: '10.1', suite: undefined, brings: [], fails: [] },
  { series: '11.1', suite: 'sid', brings: [], fails: [] },
] as const satisfies readonly Row[];

type Row = { series: string; suite: string | undefined; brings: readonly string[]; fails: readonly string[] };

export type Series = (typeof versions)[number]['series'];
export type Trait = (typeof versions)[number]['brings'][number];
export type KnownFailure = (typeof versions)[number]['fails'][number];

/** The series that rules are tried on, oldest first. */
export const triedSeries: readonly Series[] = versions.flatMap(({ series, suite }) =>
  suite === undefined ? [] : [series],
);

/** `version`: as the program says it (10.0.13). */
export const hasTrait = (version: string, trait: Trait): boolean =>
  versions.some(
    ({ series, brings }) => (brings as readonly Trait[]).includes(trait) && !isBefore(version, series),
  );

export const failsBy = (version: string, failure: KnownFailure): boolean =>
  (rowOf(version).fails as readonly KnownFailure[]).includes(failure);

/** From when to when something holds; without an end it holds for what is to come. */
export type Range = { since?: Series; until?: Series };

export const isWithin = (version: string, { since, until }: Range): boolean =>
  (since === undefined || !isBefore(version, since)) &&
  (until === undefined || rowOf(version) === rowOf(until) || isBefore(version, until));

export function rangeText({ since, until }: Range): string {
  const first = triedSeries[0];
  return until === undefined ? `${since ?? first} and later` : `${since ?? first} to ${until}`;
}

function isBefore(version: string, series: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = series.split('.').map(Number);
  return major < sinceMajor || (major === sinceMajor && minor < sinceMinor);
}

/** The newest row that is not newer than that version; the first for what is older than all. */
function rowOf(version: string): (typeof versions)[number] {
  return versions.findLast(({ series }) => !isBefore(version, series)) ?? versions[0];
}
