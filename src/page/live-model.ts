import type { CoverageGrid, FindingHead } from './model.ts';

/**
 * What the live page of `mirrorfuzz serve` shows, as plain data, and the events by which it comes: made by src/serve/,
 * drawn by src/page/browser/live/. As in model.ts every string is text.
 */
export type LiveEvents = {
  /** The first of a connection, then each time that a figure has changed: about every second. */
  now: LiveNow;
  /** What is new or changed of the findings; the first of a connection has all of them. */
  findings: FindingsChange;
  coverage: VersionCoverage[];
  /** The server's clock, where nothing else was to be said for some seconds: what sends none is gone. */
  beat: string;
};

export type LiveNow = {
  tool: string;
  store: string;
  /** The server's clock, ISO 8601. */
  at: string;
  /** What runs, then what has ended. */
  sources: LiveSource[];
  notes: string[];
};

/** A hunt, or the campaign of a lab. */
export type LiveSource = {
  key: string;
  title: string;
  is: 'running' | 'ended' | 'silent';
  /** In words: since when, until when, or how long silent. */
  words: string;
  /** Of a gate or a prune: how far its present part is. */
  progress?: { doing: string; done: number; of: number };
  /** Name and value. */
  figures: [name: string, value: string][];
  curves: Curve[];
  /** Those that are gone last. */
  workers: LiveWorker[];
  queues: QueueRow[];
  notes: string[];
};

/** `now`: the last value in words. Points: seconds, value; ordered by time. */
export type Curve = { name: string; unit: string; now: string; points: [atSeconds: number, value: number][] };

export type LiveWorker = {
  name: string;
  isAlive: boolean;
  /** What each of its lanes does, and for how long. */
  lanes: { doing: string; words: string }[];
  facts: string;
};

export type QueueRow = { name: string; waiting: number; active: number; delayed: number; failed: number };

/** `order`: every id there is, the most serious first. */
export type FindingsChange = { changed: FindingHead[]; order: string[] };

export type VersionCoverage = { version: string; sequences: number; grid: CoverageGrid };
