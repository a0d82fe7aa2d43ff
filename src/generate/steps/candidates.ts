import { filterDrivers } from '../../model/graph/graph.ts';
import type { Json } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import { isInUse } from '../guess-graph.ts';
import type { GuessedJob, GuessedNode } from '../guesses.ts';
import { limits } from '../limits.ts';
import { isSlow, type Situation } from '../situation.ts';

/**
 * A node that a job can work on: at the top of its graph, and no other job on it; where it is odd, any. `belowFilters`:
 * the job takes nodes that filters stand on, too, which a mirror and a commit do not ("Need a root block node").
 */
export function drawSource(
  draw: Draw,
  situation: Situation,
  fits: (node: GuessedNode) => boolean = () => true,
  { belowFilters = false } = {},
): GuessedNode | undefined {
  const nodes = imageNodes(situation).filter(fits);
  if (isOdd(draw, situation)) return draw.anyOf(nodes);
  const seen = belowFilters ? withoutFilters(situation) : situation;
  const free = nodes.filter(
    (node) => isTop(seen, node) && !isBusy(situation, node.name) && !isBeside(situation, node),
  );
  // A frontend stands where the guest is, and content comes first in the arena.
  return draw.weighted(free.map((node, i) => [(node.frontend === 'none' ? 1 : 4) + (i === 0 ? 2 : 0), node]));
}

/** A node that can take the copy: of the same size, writable, with nobody else on it; where it is odd, any. */
export function drawTarget(draw: Draw, situation: Situation, source: GuessedNode): GuessedNode | undefined {
  const nodes = imageNodes(situation);
  if (isOdd(draw, situation)) return draw.anyOf(nodes);
  const free = nodes.filter(
    (node) =>
      node !== source &&
      node.sizeBytes === source.sizeBytes &&
      !node.readOnly &&
      !isBusy(situation, node.name) &&
      isFreeTarget(situation, node, source) &&
      !sharesBacking(situation, node, source),
  );
  return draw.anyOf(free);
}

/** Where the target stands in the source's own chain, or on the source. */
function sharesBacking({ nodes }: Situation, target: GuessedNode, source: GuessedNode): boolean {
  // What is guessed may go in a circle, though QEMU never does.
  const below = (start: string): string[] => {
    const names: string[] = [];
    let node = nodes.find(({ name }) => name === start);
    while (node && !names.includes(node.name)) {
      names.push(node.name);
      const { backing }: GuessedNode = node;
      node = nodes.find(({ name }) => name === backing);
    }
    return names;
  };
  return below(target.name).includes(source.name) || below(source.name).includes(target.name);
}

/** Format nodes of images, and what was added beside them. */
export const imageNodes = ({ nodes }: Situation): GuessedNode[] =>
  nodes.filter(
    ({ disk, origin, over, driver }) =>
      disk !== undefined || over || (origin !== 'arena' && driver !== 'file' && driver !== 'blkdebug'),
  );

/** Nobody has it or looks at it, be it by way of filters, and it is none of those that the source is reached by. */
function isFreeTarget(situation: Situation, { name, driver }: GuessedNode, source: GuessedNode): boolean {
  const { nodes } = situation;
  const around = nodes.filter((node) => reaches(nodes, node.name, name) || reaches(nodes, name, node.name));
  return (
    driver !== 'snapshot-access' &&
    !isInUse(withoutFilters(situation), name) &&
    !around.some(
      (node) =>
        node === source ||
        node.frontend !== 'none' ||
        node.driver === 'blkverify' ||
        isBusy(situation, node.name),
    )
  );
}

const isTop = ({ nodes }: Situation, { name }: GuessedNode): boolean =>
  !nodes.some(({ children }) => children.includes(name));

/** Filters pass on what is done with them, and hold nothing themselves but what they write to beside it. */
const withoutFilters = (situation: Situation): Situation => ({
  ...situation,
  nodes: situation.nodes.map((node) =>
    isFilter(node) ? { ...node, children: node.children.slice(1) } : node,
  ),
});

const isFilter = ({ driver, disk }: GuessedNode): boolean => disk === undefined && filterDrivers.has(driver);

/** It stands over a node that a guest writes to by another way: what it shows changes behind its back. */
function isBeside({ nodes }: Situation, { name, frontend, driver }: GuessedNode): boolean {
  if (frontend !== 'none' || driver === 'snapshot-access') return false;
  const below = nodes.filter((node) => reaches(nodes, name, node.name));
  return below.some((node) => node.frontend !== 'none');
}

/** Whether the one stands on the other by way of filters and the like, not as its overlay. */
function reaches(nodes: readonly GuessedNode[], from: string, to: string): boolean {
  const node = nodes.find(({ name }) => name === from);
  const first = node?.disk === undefined ? node?.children[0] : undefined;
  return first !== undefined && first !== node?.backing && (first === to || reaches(nodes, first, to));
}

export const isBusy = ({ jobs }: Situation, name: string): boolean =>
  jobs.some(({ holds, status }) => status !== 'concluded' && holds.includes(name));

export const isOdd = (draw: Draw, { habits }: Situation): boolean => draw.chance(habits.odd);

/** How a command's `device` names it: by its drive where it has one. */
export const deviceArgument = (node: GuessedNode): Json =>
  node.disk !== undefined ? { disk: node.disk } : node.name;

/** How `node-name` and the like name it. */
export const nodeArgument = (node: GuessedNode): Json =>
  node.disk !== undefined ? { node: node.disk } : node.name;

/** An id that no living job has; now and then one of a job that is gone. */
export function drawJobId(draw: Draw, situation: Situation): string {
  const { jobs } = situation;
  if (jobs.length > 0 && isOdd(draw, situation)) return jobs[0]!.id;
  const free = ['j0', 'j1', 'j2', 'j3', 'j4', 'j5'].filter((id) => jobs.every((job) => job.id !== id));
  return draw.chance(0.8) ? (free[0] ?? 'j6') : (draw.anyOf(free) ?? 'j6');
}

export const mayStart = ({ jobs, suspended }: Situation): boolean =>
  !suspended && jobs.length < limits.maxJobs;

/** The first of `t0`, `t1`, … that no node or file has had. */
export function freshName({ usedNames }: Situation, prefix: string, suffix = ''): string {
  let at = 0;
  while (usedNames.includes(`${prefix}${at}${suffix}`)) at++;
  return `${prefix}${at}${suffix}`;
}

/** A living job of which the verb could make sense; rather one that will be there still when the verb comes. */
export const drawJob = (
  draw: Draw,
  situation: Situation,
  fits: (job: GuessedJob) => boolean,
): GuessedJob | undefined =>
  draw.weighted(situation.jobs.filter(fits).map((job) => [livesOn(situation, job), job]));

function livesOn(situation: Situation, job: GuessedJob): number {
  if (isSteady(job)) return 8;
  if (job.ending) return isSlow(situation, job) ? 8 : 1;
  return job.becomesReady ? 4 : 1;
}

/** It stays as it is until somebody acts. A pause may come too late for a job that is through in a millisecond. */
export const isSteady = ({ status, held, becomesReady, ending }: GuessedJob): boolean =>
  !ending && (held || (status !== 'running' && (status !== 'paused' || becomesReady)));
