import type { GuessedJob, GuessedNode } from './guesses.ts';

/** The nodes once a job has done its work. A mirror or active commit that was not asked to complete changes nothing. */
export function graphAfterJob(nodes: readonly GuessedNode[], job: GuessedJob): GuessedNode[] {
  const change = (name: string | undefined, changed: Partial<GuessedNode>): GuessedNode[] =>
    nodes.map((node) => (node.name === name ? { ...node, ...changed } : node));
  const source = nodes.find(({ name }) => name === job.source);
  switch (job.type) {
    case 'backup':
      return change(job.target, filled);
    case 'stream':
      return change(job.source, restedOn(source, job.base));
    case 'mirror':
      return job.pivots
        ? frontendMoved(change(job.target, filled), job.source, job.target)
        : change(job.target, filled);
    case 'commit': {
      if (job.becomesReady)
        return job.pivots
          ? frontendMoved(nodes, job.source, job.base ?? bottomOf(nodes, job.source))
          : [...nodes];
      const above = nodes.find(({ backing }) => backing !== undefined && backing === job.top);
      return change(above?.name, restedOn(above, job.base));
    }
  }
}

const filled = { hasContent: true };

function restedOn(node: GuessedNode | undefined, backing: string | undefined): Partial<GuessedNode> {
  const own = (node?.children ?? []).filter((child) => child !== node?.backing);
  return { backing, children: backing === undefined ? own : [...own, backing] };
}

/** Where a snapshot over itself is believed to have worked, the chain is a ring, and has no end. */
function bottomOf(nodes: readonly GuessedNode[], name: string): string {
  const chain = [name];
  for (const each of chain) {
    const backing = nodes.find((node) => node.name === each)?.backing;
    if (backing !== undefined && !chain.includes(backing)) chain.push(backing);
  }
  return chain.at(-1) as string;
}

/**
 * A drive owns the node that it made: what it leaves is closed. Where the new node has no name that we know, the drive's
 * own name still means it.
 */
function frontendMoved(nodes: readonly GuessedNode[], from: string, to: string | undefined): GuessedNode[] {
  const source = nodes.find(({ name }) => name === from);
  if (!source || source.frontend === 'none') return [...nodes];
  const isNamed = nodes.some(({ name }) => name === to);
  return nodes.flatMap((node): GuessedNode[] => {
    if (node.name === to) return [{ ...node, frontend: source.frontend }];
    if (node !== source) return [node];
    if (source.frontend !== 'drive') return [{ ...node, frontend: 'none' }];
    return isNamed
      ? []
      : [{ ...node, name: `drive-${from}`, disk: undefined, backing: undefined, origin: 'job' }];
  });
}
