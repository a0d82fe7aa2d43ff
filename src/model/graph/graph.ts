/**
 * The block graph as far as replies depend on it, kept up to date in place, command by command. What is in it is
 * certain unless it says otherwise; a node whose surroundings are not known any more is `entangled`, and rules pass
 * it over: undecided is `may`.
 */
export type Graph = {
  nodes: Map<string, GraphNode>;
  /** Who holds each node, by its name: its parents, and jobs. */
  users: Map<string, Set<User>>;
  exports: Map<string, BlockExport>;
  /** BlockBackends by their ids, and the node below where it is known. */
  drives: Map<string, { node: string | undefined }>;
  jobs: Map<string, JobUse>;
  nbdServer: 'running' | 'stopped' | 'unknown';
  /** Nodes that a migration may have made inactive: they were active when it began, or came later. */
  asleep: Set<string>;
  /** under way: nodes may become inactive at any moment. ended: it was seen to be over, and nothing has woken them yet. */
  migration: { is: 'none' } | { is: 'under way'; since: number } | { is: 'ended'; at: number };
  /** Where names went that no command took away. */
  vanished: Map<string, number>;
  /** Image files by base name, as they were made; trusted until something may have written other things into them. */
  images: Map<string, NodeImage>;
};

/** What is known of an image file. `backed`: it names a backing file itself. */
export type NodeImage = { format: string; sizeBytes: number | undefined; backed: boolean };

export type GraphNode = {
  name: string;
  /** maybe: a job that ends may have taken it along. */
  presence: 'sure' | 'maybe';
  driver: string | undefined;
  /** blockdev-add made it as a root: it stays until blockdev-del takes it. */
  owned: boolean;
  readOnly: boolean | undefined;
  active: boolean | undefined;
  sizeBytes: number | undefined;
  /** By role (file, backing, …); undefined: a node whose name nobody gave. */
  children: Map<string, string | undefined>;
  /** undefined: the image may have had some. */
  bitmaps: Map<string, Bitmap> | undefined;
  /** The file at the bottom, as its options name it. */
  filename: string | undefined;
  /** The same, where that is one of the images. */
  image: NodeImage | undefined;
  entangled: boolean;
  /** Place in the trace where something other than a command last changed it or its users. */
  changedAt: number;
};

export type Bitmap = {
  persistent: boolean;
  /** undefined: a job or a merge may have changed it. */
  recording: boolean | undefined;
  granularityBytes: number | undefined;
};

export type User =
  | { kind: 'node'; name: string; role: string }
  | { kind: 'export'; name: string }
  | { kind: 'drive'; name: string }
  /** leaving: some device was asked to go, and it may be this one. */
  | { kind: 'device'; name: string; leaving?: true }
  /** held: every operation is blocked on it (block_job_add_bdrv); used: it is only a parent. */
  | { kind: 'job'; name: string; job: JobUse; held: boolean };

export type BlockExport = {
  id: string;
  type: string;
  /** What clients call it. */
  name: string;
  node: string;
  presence: 'sure' | 'maybe';
};

/** A job on nodes of the graph. Its hold is certain until it begins to end. */
export type JobUse = {
  id: string;
  type: string;
  sure: boolean;
  /** undefined: not all of its nodes are known. */
  nodes: JobNodes | undefined;
  /** The dirty bitmap that it was given, which is its own until it begins to end. */
  bitmap: string | undefined;
  /** Verbs that were accepted: they decide how it ends. */
  asked: Set<'complete' | 'cancel'>;
};

export type JobNodes = {
  device: string;
  target: string | undefined;
  /** stream: what stays below the device; commit: what is written to. */
  base: string | undefined;
  /** commit: the topmost node whose data moves. */
  top: string | undefined;
  /** All that are blocked. */
  held: readonly string[];
  /** Whether a pivot takes place as usual, without `replaces`. */
  plain: boolean;
  filter: string | undefined;
};

export const emptyGraph = (images: Map<string, NodeImage> = new Map()): Graph => ({
  nodes: new Map(),
  users: new Map(),
  exports: new Map(),
  drives: new Map(),
  jobs: new Map(),
  nbdServer: 'stopped',
  vanished: new Map(),
  images,
  asleep: new Set(),
  migration: { is: 'none' },
});

const nobody: ReadonlySet<User> = new Set();
export const usersOf = (graph: Graph, node: string): ReadonlySet<User> => graph.users.get(node) ?? nobody;

export function use(graph: Graph, node: string, user: User): void {
  const users = graph.users.get(node);
  if (users) users.add(user);
  else graph.users.set(node, new Set([user]));
}

/** A node that is certainly there, and whose surroundings are known: no job is just about to change them. */
export function clearNode(graph: Graph, name: unknown): GraphNode | undefined {
  const node = sureNode(graph, name);
  if (!node || node.entangled) return undefined;
  for (const user of usersOf(graph, node.name)) if (user.kind === 'job' && !user.job.sure) return undefined;
  return node;
}

/** A node that is certainly there. */
export function sureNode(graph: Graph, name: unknown): GraphNode | undefined {
  const node = typeof name === 'string' ? graph.nodes.get(name) : undefined;
  return node?.presence === 'sure' ? node : undefined;
}

/** Whether that name means nothing for certain, be it node or drive; QEMU gives names with `#` itself. */
export const isFreeName = (graph: Graph, name: string): boolean =>
  !name.startsWith('#') && !graph.nodes.has(name) && !graph.drives.has(name);

/** What a job command's `device` means: a drive's id before a node's name (bdrv_lookup_bs). */
export function lookUp(graph: Graph, name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const drive = graph.drives.get(name);
  return drive ? drive.node : graph.nodes.has(name) ? name : undefined;
}

/** The jobs that certainly hold a node against every other operation. */
export function holderOf(graph: Graph, node: string): JobUse | undefined {
  for (const user of usersOf(graph, node))
    if (user.kind === 'job' && user.held && user.job.sure) return user.job;
  return undefined;
}

/**
 * The backing chain below a node, nearest first; undefined where it is not known to its end. A filter in it, or the node
 * itself being one, counts as not known: what is below a filter is its `file`, and jobs look through it.
 */
export function chainBelow(graph: Graph, name: unknown): string[] | undefined {
  const chain: string[] = [];
  let at = chainNode(graph, name);
  while (at?.children.has('backing')) {
    const next = at.children.get('backing');
    if (next === undefined || chain.includes(next)) return undefined;
    chain.push(next);
    at = chainNode(graph, next);
  }
  return at && chain;
}

function chainNode(graph: Graph, name: unknown): GraphNode | undefined {
  const node = clearNode(graph, name);
  return filterDrivers.has(node?.driver ?? '') ? undefined : node;
}

/** Those with `.is_filter = true` in QEMU's block/ (10.0). */
export const filterDrivers: ReadonlySet<string> = new Set([
  'blkdebug',
  'blklogwrites',
  'blkreplay',
  'blkverify',
  'compress',
  'copy-before-write',
  'copy-on-read',
  'preallocate',
  'replication',
  'throttle',
]);
