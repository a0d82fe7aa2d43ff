/**
 * What `mirrorfuzz report --html` shows, as plain data: made by src/report/page/, drawn in the browser by
 * src/page/browser/. Every string in it is text, whoever wrote it; the page never takes one for markup. Times are
 * microseconds since the run began, offsets and lengths are bytes.
 */
export type Page = {
  title: string;
  verdict: { is: 'fail' | 'pass' | 'unknown'; words: string; why: string[] };
  /** Name and value: which QEMU, seed, how long, what it was shut in by. */
  facts: [name: string, value: string][];
  /** Most serious first. */
  findings: FindingHead[];
  /** Of a page of one trace only; its place in the details. */
  trace?: { title: string; detail: number };
  /** The same sequence on several QEMUs, where it did not go the same. */
  comparisons?: ComparisonHead[];
  coverage?: CoverageGrid;
  transitions?: TransitionGrid;
  /** The same of each version, where there are several. */
  byVersion?: VersionPart[];
  values?: ArgumentCoverage[];
  /** How far it was when; sums. */
  history?: HistoryPoint[];
  rules?: RuleRow[];
  items?: ItemRow[];
  /** What is missing on this page, and where it is to be had. */
  notes: string[];
};

/** `values` and `rules` are absent where a result does not have them by version; rules that said nothing are left out. */
export type VersionPart = {
  version: string;
  coverage: CoverageGrid;
  transitions: TransitionGrid;
  values?: ArgumentCoverage[];
  rules?: RuleCounts[];
};

/** What a list shows of a finding. `detail`: its place in the details; absent where only this is known. */
export type FindingHead = {
  id: string;
  title: string;
  impact: string;
  impactWords: string;
  reach: string;
  reachWords: string;
  rule: string;
  status: string;
  steps: number;
  reproduced: { ok: number; of: number };
  met: number;
  affected: AffectedCell[];
  detail?: number;
  /** Why there is no detail, or a part of it is missing. */
  note?: string;
};

export type AffectedCell = {
  version: string;
  flavour: string;
  label: string;
  outcome: 'shows' | 'does-not-show' | 'fails-otherwise' | 'lacks';
  words: string;
};

/** What went otherwise, and on which. `detail`: its timelines side by side, where there are traces. */
export type ComparisonHead = {
  title: string;
  subject: string;
  rows: { on: string; value: string }[];
  detail?: number;
};

/** What is looked at one at a time, and packed until then. */
export type Detail = {
  statement?: string;
  source?: string;
  seen: string[];
  /** What there was before the first step, and what was done, a sentence each. */
  before: string[];
  done: string[];
  timeline?: Timeline;
  map?: DiskMap;
  ablation?: { about: string; rows: { what: string; shows: string; verdict: string }[] };
  stacks: { head: string; lines: string[] }[];
  /** To be copied: what reproduces it. `none`: why there is no such text. */
  texts: { name: string; about: string; text: string }[];
  sideBySide?: SideBySide;
  notes: string[];
};

/** Runs of one sequence, whose steps begin at the same places; values in the order of the runs. */
export type SideBySide = {
  runs: { on: string; timeline: Timeline }[];
  differences: { subject: string; what: string; step?: number; values: string[] }[];
};

export type Timeline = {
  endUs: number;
  phases: { name: string; fromUs: number }[];
  lanes: Lane[];
  /** Every observation of the trace, in order. */
  lines: TraceLine[];
  moments: Moment[];
};

export type Lane = { name: string; of: LaneKind; rows: number; bars: Bar[] };
export type LaneKind = 'steps' | 'monitor' | 'job' | 'events' | 'guest' | 'faults' | 'qemu';

/** Something that lasted, or, where both times are one, happened. */
export type Bar = {
  fromUs: number;
  toUs: number;
  /** Of what overlaps in a lane each has its own row, from 0. */
  row: number;
  tone: Tone;
  text: string;
  /** Observations that begin and end it. */
  line: number;
  endLine?: number;
  /** Of a command: from here to the end its handler may have run. */
  hiddenFromUs?: number;
};

/** A job's status, or how something ended. `own`: mirrorfuzz' own commands of set-up and settling. */
export type Tone = 'step' | 'ok' | 'own' | 'error' | 'open' | 'event' | 'fault' | 'end' | `job-${string}`;

/** `text`: in words, where it has some. `raw`: as trace.jsonl has it. */
export type TraceLine = { us: number; step?: number; text: string; raw: string };

/** Where a rule is broken or, of runs side by side, where one goes otherwise: `rule` is what is not the same. */
export type Moment = { us: number; line: number; rule: string; words: string; is?: 'difference' };

/** Two pictures of one disk: what each range holds, and what was due. */
export type DiskMap = {
  of: string;
  sizeBytes: number;
  holds: MapRun[];
  due: MapRun[];
  /** A sentence for each wrong range. */
  wrong: { offsetBytes: number; lengthBytes: number; words: string }[];
  /** Wrong ranges beyond these, which the finding does not list. */
  more: number;
  /** Where ranges that nothing is known of are not drawn. */
  isPart: boolean;
};
export type MapRun = {
  offsetBytes: number;
  lengthBytes: number;
  tone: 'zero' | 'initial' | 'write' | 'other';
  text: string;
  isWrong?: true;
};

/** Commands by the status of the job that they name; `others`: commands that name none. */
export type CoverageGrid = {
  statuses: string[];
  verbs: { name: string; cells: (CoverageCell | null)[] }[];
  others: ({ name: string } & CoverageCell)[];
};
export type CoverageCell = { accepted: number; refused: number };

/** How often a job went from one status to another; null: QEMU has no such way, and none was seen. */
export type TransitionGrid = {
  from: string[];
  to: string[];
  cells: ({ times: number; isAllowed: boolean } | null)[][];
};

/** What kinds of values the arguments of a command had, and what became of it. Of one never sent both lists are empty. */
export type ArgumentCoverage = {
  command: string;
  /** `ok`, then classes of errors. */
  outcomes: { outcome: string; times: number }[];
  values: { argument: string; kind: string; accepted: number; refused: number }[];
  /** What is possible by the schema and never came; absent where there was no schema. */
  never?: { outcomes: string[]; values: { argument: string; kinds: string[] }[] };
};

export type HistoryPoint = { atMs: number; sequences: number; features: number; findings: number };

export type RuleRow = RuleCounts & { statement: string };
export type RuleCounts = {
  rule: string;
  held: number;
  broken: number;
  undecided: number;
  /** Why undecided, the most frequent first. */
  why: string;
};

/** What a gate, a scenario run or a run said of one sequence. */
export type ItemRow = { name: string; verdict: string; ok: number; of: number; reason: string; qemu: string };
