/** Decisions of generate/, each with its reason. */
export const limits = {
  /** Short sequences run and shrink fast; the long ones meet what needs history. */
  minSteps: 3,
  maxSteps: 30,
  /** Chance that a sequence ends at each further step: 11 steps in the mean. */
  endChance: 0.11,
  /** Share of sequences in which something else comes before the first job. */
  preludeChance: 0.2,
  /** Share in which errors are armed or the guest has acted before it, where the property has such steps. */
  beforeJobsChance: 0.3,
  /** Share whose images are read where the property does not want that, but errors, limits or several verbs had a part. */
  readChance: 0.25,
  /** Attempts to start the first job: a commit needs a backing file, a transaction may have no backup in it. */
  startAttempts: 3,
  /** Attempts to find a step that makes sense now, before the sequence is left as it is. */
  attemptsPerStep: 12,
  /** Share of a property's step families that a sequence leaves out altogether (swarm testing). */
  offChance: 0.25,
  /** Share of sequences with an image on a server where that is not what they are about: it costs a few milliseconds each. */
  servedChance: 0.12,
  /** Share of sequences on real storage in which a server stays away: each costs a second or two. */
  awayServerChance: 0.06,
  /** Beside weights of 1 to 10: one fault or two in a sequence. */
  serverFaultWeight: 1.5,
  /** Steps' makers asked in one hole of a flow, at most, and how likely each is: a flow should mostly come through. */
  holeMax: 3,
  holeChance: 0.55,
  /** Jobs alive at the same time: beyond that commands mostly meet busy nodes. */
  maxJobs: 3,
  /** Nodes beside the arena's: tear-down takes a round trip a layer. */
  maxAddedNodes: 6,
  /** What a small copy needs to be READY is 2 to 5 ms; a loaded host gets ten times that. */
  shortDeadlineMs: [5, 20, 50],
  /**
   * Ends whose content is looked at are worth waiting for, on a loaded host too. Of those that came, 19 in 20 did within
   * 11 ms; what has not come by then mostly never does (a job that is paused, pending, or held up by an error).
   */
  finishMirrorDeadlineMs: 100,
  /** A machine without memory leaves within 10 ms, one of 16 MiB in some hundred. */
  migrationDeadlineMs: 1500,
  /** blockdev-create of a small image takes some ms; LUKS tries its key derivation for a second and more. */
  createDeadlineMs: 3000,
  /** Commands put into one moment: each may end it for the next. */
  aimedStepsMax: 4,
  /** What a variant of somebody's sequence waits, whatever that sequence did. */
  awaitDeadlineMsMax: 50,
  pauseMsMax: 10,
  /** A mirror's buffer at which a rate limit is felt from the second chunk on: with the default it moves in lumps of 16 MiB. */
  slowBufBytes: [65_536, 65_536, 4096],
  /** Bytes a second that hold a job of 128 KiB and more for as long as any sequence lasts. */
  slowSpeeds: [1, 512, 4096, 65_536],
  /** Of a workload's requests, those that the next ones don't wait for: concurrency is what jobs stumble over. */
  guestInFlightChance: 0.85,
  /** A guest's journal asks for FUA, most of its data does not. */
  guestFuaChance: 0.2,
  /** A client that connects beside the guest meets drains half way; most requests come from those that are there. */
  guestClientChance: 0.04,
  /** Share of machines on which a guest boots: it costs ten times what another sequence does. */
  guestBootsChance: 0.13,
  /** Share of disks with auto-read-only, as libvirt opens all of them. */
  autoReadOnlyChance: 0.1,
  /** A sector, a page, a cluster. */
  guestLengthsBytes: [512, 4096, 65_536],
  /** qcow2's default; what crosses it is two requests to the host. */
  guestClusterBytes: 65_536,
} as const;
