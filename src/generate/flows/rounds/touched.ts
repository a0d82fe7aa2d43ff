import type { GuessedJob } from '../../guesses.ts';
import type { Situation } from '../../situation.ts';
import { chainBelow } from '../../steps/start-commit.ts';

/** The nodes of images that a job reads, and those that it writes. */
export function readsAndWrites(
  situation: Situation,
  { type, source, target, base, top }: GuessedJob,
): Record<'read' | 'write', readonly string[]> {
  const node = situation.nodes.find(({ name }) => name === source);
  const chain = node ? chainBelow(situation, node).map(({ name }) => name) : [source];
  const bottom = base ?? chain.at(-1) ?? source;
  const aboveBase = chain.slice(0, chain.includes(bottom) ? chain.indexOf(bottom) : undefined);
  switch (type) {
    case 'mirror':
    case 'backup':
      return { read: chain, write: target === undefined ? [] : [target] };
    case 'commit':
      return { read: aboveBase.slice(Math.max(0, aboveBase.indexOf(top ?? source))), write: [bottom] };
    case 'stream':
      // What it stands on afterwards is not read.
      return { read: (base === undefined ? chain : aboveBase).slice(1), write: [source] };
    default:
      return type satisfies never;
  }
}
