import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import { type Evidence, replyOf } from './evidence.ts';

/**
 * What a disk may have to do with up to a place: the disks, nodes and image files that commands have named together with
 * it, or with one of those, and what its arena puts below it. Too much rather than too little.
 */
export function connectedTo(evidence: Evidence, disk: string, before: Place): ReadonlySet<string> {
  const { sequence } = evidence.opened;
  const groups = [...sequence.arena.disks, ...disksMadeBySteps(sequence)].map(
    ({ name, format, backing }) =>
      new Set([name, `${name}.${format}`, `drive-${name}`, ...(backing === undefined ? [] : [backing])]),
  );
  const names = new Set(groups.flatMap((group) => [...group]));
  const sent = evidence.exchanges.filter(
    (exchange) => exchange.sent < before && !replyOf(evidence, exchange)?.error,
  );
  for (const { args } of sent) for (const name of nodeNamesIn(args)) names.add(name);
  for (const { args } of sent) {
    const named = new Set(stringsIn(args).filter((text) => names.has(text)));
    if (named.size > 1) groups.push(named);
  }
  const reached = new Set([disk]);
  let left = groups;
  for (let grown = true; grown; ) {
    const [touching, apart] = parted(left, (group) => [...group].some((name) => reached.has(name)));
    for (const group of touching) for (const name of group) reached.add(name);
    grown = touching.length > 0;
    left = apart;
  }
  return reached;
}

function parted<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  const { first = [], second = [] } = Object.groupBy(items, (item) => (isFirst(item) ? 'first' : 'second'));
  return [first, second];
}

/** A path counts as its file's name. */
function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value.split('/').at(-1) ?? value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : [];
}

function nodeNamesIn(value: Json): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? (/node-name$/.test(key) ? [inner] : []) : nodeNamesIn(inner),
  );
}
