import type { BitmapLife } from '../../model/content/bitmap-content.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { asPlace, nowhere } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { showsMigrationEnd } from '../reading/migration.ts';
import type { WhyUndecided } from '../why-undecided.ts';

/** Under which name a bitmap is stored in the end, and whether it is at all. */
export type Moved = {
  name: string;
  persistent: boolean;
  how: 'plain' | 'migrated' | 'migration ended';
  why?: WhyUndecided;
};

/**
 * What a migration with the capability `dirty-bitmaps` makes of a bitmap: where the machine has arrived, the QEMU there
 * stores it, by the alias of `block-bitmap-mapping`, and as its `transform` says. A migration
 * that goes nowhere leaves it to the source, as one without the capability leaves it to whoever closes the image.
 */
export function migratedBitmaps(evidence: Evidence, life: BitmapLife): Moved {
  const here = { name: life.name, persistent: life.persistent, how: 'plain' as const };
  const accepted = evidence.exchanges.filter((each) => replyOf(evidence, each)?.return !== undefined);
  const migrate = accepted.findLast(({ name }) => name === 'migrate');
  if (!migrate || life.added.from > migrate.sent || !takesBitmaps(accepted, migrate.sent)) return here;
  if (hasArrived(evidence)) return mapped(life, accepted, migrate.sent) ?? { ...here, why: 'touched' };
  return isOver(evidence, migrate, life) ? { ...here, how: 'migration ended' } : { ...here, why: 'touched' };
}

function takesBitmaps(accepted: readonly Exchange[], before: number): boolean {
  const states = accepted.flatMap(({ name, args, sent }) =>
    name === 'migrate-set-capabilities' && sent < before ? listOf(args.capabilities) : [],
  );
  return states.findLast(({ capability }) => capability === 'dirty-bitmaps')?.state === true;
}

const hasArrived = ({ trace, opened }: Evidence): boolean =>
  trace.some((seen) => {
    const step =
      seen.kind === 'await' && seen.outcome === 'met' ? opened.sequence.steps[seen.step] : undefined;
    return step !== undefined && 'await' in step && step.await === 'arrived';
  });

/** undefined: it goes to a node of another name. */
function mapped(
  { node, name, persistent }: BitmapLife,
  accepted: readonly Exchange[],
  before: number,
): Moved | undefined {
  const mapping = accepted.findLast(
    (each) =>
      each.name === 'migrate-set-parameters' &&
      each.args['block-bitmap-mapping'] !== undefined &&
      each.sent < before,
  )?.args['block-bitmap-mapping'];
  const of = listOf(mapping).find((each) => each['node-name'] === node);
  const own = listOf(of?.bitmaps).find((each) => each.name === name);
  if (!of || !own) return { name, persistent, how: 'migrated' };
  if (of.alias !== node || typeof own.alias !== 'string') return undefined;
  const { transform } = own;
  const becomes = isJsonObject(transform) ? transform.persistent : undefined;
  return {
    name: own.alias,
    persistent: typeof becomes === 'boolean' ? becomes : persistent,
    how: 'migrated',
  };
}

/**
 * It is seen to have ended, whichever way, before the image was closed: the source stores its bitmaps before it lets go of
 * the images, or once the migration has failed. One that is closed meanwhile may go with the migration.
 */
function isOver(evidence: Evidence, { sent }: Exchange, { ended }: BitmapLife): boolean {
  const quit = evidence.exchanges.find(({ name }) => name === 'quit');
  const closing = Math.min(ended?.when.from ?? nowhere, quit?.sent ?? nowhere);
  return evidence.trace.some(
    (seen, at) =>
      at > sent &&
      at < closing &&
      showsMigrationEnd(seen, seen.kind === 'reply' ? evidence.byReply.get(asPlace(at)) : undefined),
  );
}

const listOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
