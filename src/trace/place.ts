import type { Observation, Trace } from './observation.ts';

/**
 * A place in a trace: the index of an observation, or Infinity for nowhere. Of its own, so that no step's index, request's
 * number or count is taken for one. A trace that is being judged hands its places out (`PlacedTrace`); what is worked out
 * of one by arithmetic is no place before `asPlace` says so.
 */
export type Place = number & { readonly [isPlace]: true };
declare const isPlace: unique symbol;

export const asPlace = (index: number): Place => index as Place;

/** Where every trace begins. */
export const opening = asPlace(0);

export const nowhere = asPlace(Number.POSITIVE_INFINITY);

/** The first of several places; nowhere for none. */
export const firstPlace = (...places: readonly Place[]): Place => asPlace(Math.min(nowhere, ...places));

/** A trace that says where it is: what goes through it is given places. */
export type PlacedTrace = {
  entries(): ArrayIterator<[Place, Observation]>;
  flatMap<U>(callback: (seen: Observation, at: Place) => U | readonly U[]): U[];
  findIndex(predicate: (seen: Observation, at: Place) => unknown): Place;
  findLastIndex(predicate: (seen: Observation, at: Place) => unknown): Place;
  some(predicate: (seen: Observation, at: Place) => unknown): boolean;
} & Trace;
