import { dropUser, entangle, moveUsers, removeNode } from './change.ts';
import { type Graph, type JobNodes, type JobUse, use, usersOf } from './graph.ts';

/** How a job came to its end, by its last event; neither for one that never ran. */
export type Ending = 'completed' | 'failed' | undefined;

/** A start was accepted: from here on its nodes are its own. */
export function jobBegan(graph: Graph, job: JobUse): void {
  graph.jobs.set(job.id, job);
  const { nodes } = job;
  if (!nodes) return;
  const involved = new Set([nodes.device, ...nodes.held]);
  for (const node of involved) {
    use(graph, node, { kind: 'job', name: job.id, job, held: nodes.held.includes(node) });
  }
  if (nodes.filter !== undefined) graph.nodes.set(nodes.filter, filterNode(nodes.filter));
}

/** Whether and when it goes is the job's business, so of its name nothing but the possibility is known. */
const filterNode = (name: string) =>
  ({
    name,
    presence: 'maybe',
    driver: undefined,
    owned: false,
    readOnly: undefined,
    active: undefined,
    sizeBytes: undefined,
    children: new Map(),
    bitmaps: undefined,
    filename: undefined,
    image: undefined,
    entangled: true,
    changedAt: -1,
  }) as const satisfies Parameters<Graph['nodes']['set']>[1];

/** Its last steps change the graph at moments that no event shows. */
export function jobEnds(graph: Graph, job: JobUse, at: number): void {
  if (!job.sure) return;
  job.sure = false;
  for (const name of [job.nodes?.device, ...(job.nodes?.held ?? [])]) {
    touched(graph, name, at);
    if (job.type !== 'backup') mayVanish(graph, name);
  }
}

/** A pivot leaves a node without its last user before any event says that the job has ended. */
function mayVanish(graph: Graph, name: string | undefined): void {
  const node = name === undefined ? undefined : graph.nodes.get(name);
  if (!node || node.owned || node.presence === 'maybe') return;
  node.presence = 'maybe';
  for (const child of node.children.values()) mayVanish(graph, child);
}

/** The job is null: what it did to the graph is done, and its nodes are free. */
export function jobGone(graph: Graph, job: JobUse, ending: Ending, at: number): void {
  graph.jobs.delete(job.id);
  const { nodes } = job;
  if (!nodes) return;
  job.sure = false;
  if (ending === 'completed') completed(graph, job, nodes, at);
  const involved = new Set([nodes.device, ...nodes.held]);
  for (const node of involved) dropUser(graph, node, (user) => user.kind === 'job' && user.job === job, at);
  if (nodes.filter !== undefined) removeNode(graph, nodes.filter, at);
}

function completed(graph: Graph, job: JobUse, nodes: JobNodes, at: number): void {
  const { device, base, top } = nodes;
  if (job.type === 'mirror') pivoted(graph, job, nodes, nodes.target, at);
  else if (job.type === 'stream') streamed(graph, nodes, at);
  else if (job.type === 'commit') {
    forgetFigures(graph, base);
    if (top === device) pivoted(graph, job, nodes, base, at);
    else if (top !== undefined && base !== undefined) moveUsers(graph, top, base, at);
    else entangleAll(graph, nodes, at);
  } else if (job.type !== 'backup') entangleAll(graph, nodes, at);
}

/** The device holds all that lay above the base, which is its backing file now. */
function streamed(graph: Graph, { device, base }: JobNodes, at: number): void {
  forgetFigures(graph, device);
  const node = graph.nodes.get(device);
  const below = node?.children.get('backing');
  if (!node || below === undefined) return;
  node.children.delete('backing');
  if (base !== undefined) {
    node.children.set('backing', base);
    use(graph, base, { kind: 'node', name: device, role: 'backing' });
  }
  if (base === below) return;
  dropUser(graph, below, (user) => user.kind === 'node' && user.name === device, at);
}

/** After complete whoever used the device uses the target; after a soft cancel nothing has changed. */
function pivoted(graph: Graph, { asked }: JobUse, nodes: JobNodes, to: string | undefined, at: number): void {
  if (asked.has('cancel') && !asked.has('complete')) return;
  const source = graph.nodes.get(nodes.device);
  const isKnown = nodes.plain && to !== undefined && source?.entangled !== true;
  const exact = asked.has('complete') && !asked.has('cancel') && isKnown;
  if (!exact) {
    entangleAll(graph, nodes, at);
    return;
  }
  const target = graph.nodes.get(to);
  if (target) target.readOnly = source?.readOnly;
  moveUsers(graph, nodes.device, to, at);
}

function entangleAll(graph: Graph, nodes: JobNodes, at: number): void {
  for (const node of [nodes.device, ...nodes.held]) entangle(graph, node, at);
}

/** A commit may grow its base, and make it writable for the time being. */
function forgetFigures(graph: Graph, name: string | undefined): void {
  const node = name === undefined ? undefined : graph.nodes.get(name);
  if (!node) return;
  node.sizeBytes = undefined;
  node.readOnly = undefined;
}

function touched(graph: Graph, name: string | undefined, at: number): void {
  const node = name === undefined ? undefined : graph.nodes.get(name);
  if (!node) return;
  node.changedAt = at;
  // Those above may be given another child, those below another parent.
  for (const user of usersOf(graph, node.name)) {
    const above = user.kind === 'node' ? graph.nodes.get(user.name) : undefined;
    if (above) above.changedAt = at;
  }
  for (const child of node.children.values()) {
    const below = child === undefined ? undefined : graph.nodes.get(child);
    if (below) below.changedAt = at;
  }
}
