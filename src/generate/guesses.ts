/** What the generator believes of a job: never more than a guess, since only QEMU knows when a job moves on. */
export type GuessedJob = {
  id: string;
  type: 'mirror' | 'backup' | 'commit' | 'stream';
  status: GuessedStatus;
  /** Stays in its status until somebody acts (a rate limit, a pause, READY); else it moves on within milliseconds. */
  held: boolean;
  /** Nothing but a cancel ends it: a backup of sync none. */
  endless: boolean;
  /** Mirrors and commits of the active layer are READY before they end. */
  becomesReady: boolean;
  /** Its start was waited for, so that `#N` finds it. */
  announced: boolean;
  /** Names in `Situation.nodes`; undefined for a target that the command opens itself. */
  source: string;
  target: string | undefined;
  /** Where a commit's or stream's data ends up or stops; undefined: at the end of the chain. */
  base: string | undefined;
  /** The topmost node of a commit that is not the active one. */
  top: string | undefined;
  /** It was asked to end after READY, and may still flush what is dirty: READY as before, to whoever asks. */
  ending: boolean;
  /** It was asked to complete: at its end the target, or a commit's base, takes the source's place. */
  pivots: boolean;
  /** Names of the nodes that nobody may take away while the job lives. */
  holds: readonly string[];
  autoFinalize: boolean;
  autoDismiss: boolean;
  writeBlocking: boolean;
  /** Stops at an error of the source or target instead of ending. */
  stopsAtErrors: boolean;
  /** Jobs of one grouped transaction have the same number, and end together. */
  group: number | undefined;
  /** Steps since it was started. */
  ageSteps: number;
};

export type GuessedStatus = 'running' | 'paused' | 'ready' | 'standby' | 'waiting' | 'pending' | 'concluded';

/** A node with a name, as far as the sequence itself shows. */
export type GuessedNode = {
  name: string;
  /** The disk whose format node it is. */
  disk: string | undefined;
  driver: string;
  sizeBytes: number;
  readOnly: boolean;
  /** There is something in it to copy: a job on an empty disk is through before any limit is felt. */
  hasContent: boolean;
  /** Nodes that it stands on: backing, layers, file. */
  children: readonly string[];
  backing: string | undefined;
  /** What stands on it that is no node. */
  frontend: 'none' | 'drive' | 'export';
  /** Who made it: only what a step has added may be deleted without taking the arena apart. */
  origin: 'arena' | 'newDisk' | 'added' | 'snapshot' | 'job';
  /** The arena has it over its disks: not one of a disk's own. */
  over?: boolean;
};

export type GuessedBitmap = { node: string; name: string; enabled: boolean };
export type GuessedExport = { id: string; node: string };
