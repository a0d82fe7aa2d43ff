import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, Step } from '../../sequence/step.ts';
import { limits } from '../limits.ts';
import type { Pass } from '../pass.ts';
import { placesIn } from '../places.ts';

/** Steps that share no job, disk or node with the failing one, not even by way of others, go at once. */
export const unrelated: Pass = {
  name: 'what has nothing to do with it',
  sites(sequence, { at }) {
    const { steps, arena } = sequence;
    const failing = at === undefined ? undefined : steps[at];
    if (!failing) return [];
    const named = namesOf(sequence);
    const uses = steps.map((step) => namesIn(step, named));
    const related = closure(namesIn(failing, named), [
      ...uses,
      ...arena.disks.map(({ name, backing }) => [name, ...(backing === undefined ? [] : [backing])]),
    ]);
    const without = uses.flatMap((names, i) =>
      i === at || names.some((name) => related.has(name)) ? [] : [i],
    );
    if (related.size === 0 || without.length < limits.unrelatedStepsMin) return [];
    return [[without.map((i) => ({ path: ['steps', i] }))]];
  },
};

/** Whatever the arena and the steps give a name, and the jobs by the number of their start. */
type Names = { known: ReadonlySet<string>; jobs: readonly string[] };

function namesOf({ arena, steps }: Sequence): Names {
  const known = new Set(arena.disks.map(({ name }) => name));
  const jobs: string[] = [];
  for (const { key, value } of placesIn(steps as Json, [])) {
    if (typeof value !== 'string' || !givesName.has(key)) continue;
    if (key === 'job-id') jobs.push(value);
    known.add(value);
  }
  return { known, jobs };
}

const givesName = new Set(['job-id', 'node-name', 'snapshot-node-name', 'id', 'bitmap']);

function namesIn(step: Step, { known, jobs }: Names): string[] {
  return [...placesIn(step as Json, [])].flatMap(({ value }) => {
    if (value !== null && typeof value === 'object') {
      const inside = Object.values(value).filter((inner) => typeof inner === 'string');
      return inside.filter((name) => known.has(name));
    }
    if (typeof value !== 'string') return [];
    const number = /^#(\d+)$/.exec(value)?.[1];
    const name = number === undefined ? value : (jobs[Number(number)] ?? value);
    return known.has(name) ? [name] : [];
  });
}

/** All names that hang together with the first ones, by groups of names that belong together. */
function closure(first: readonly string[], groups: readonly (readonly string[])[]): ReadonlySet<string> {
  const reached = new Set(first);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const group of groups)
      if (group.some((name) => reached.has(name))) for (const name of group) reached.add(name);
  }
  return reached;
}
