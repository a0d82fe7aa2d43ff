import type { JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { command, only } from './command.ts';

/** A question about jobs and nodes: the answer must fit what the events said. */
export function query(draw: Draw, situation: Situation): Step[] | undefined {
  const [name, args] = draw.oneOf(queries);
  return only(command(draw, situation, name, args));
}

/** A look at the jobs where one has just come to stand, or to its end: what queries show is seldom as much as there. */
export function lookAtJobs(draw: Draw, situation: Situation, chance: number): Step[] {
  if (!draw.chance(chance)) return [];
  return only(command(draw, situation, draw.oneOf(['query-block-jobs', 'query-jobs']), {})) ?? [];
}

const queries: [[string, JsonObject], ...[string, JsonObject][]] = [
  ['query-jobs', {}],
  ['query-jobs', {}],
  ['query-jobs', {}],
  ['query-block-jobs', {}],
  ['query-block-jobs', {}],
  ['query-block-jobs', {}],
  ['query-block', {}],
  ['query-blockstats', { 'query-nodes': true }],
  ['query-named-block-nodes', { flat: true }],
  ['query-named-block-nodes', { flat: false }],
  ['query-blockstats', { 'query-nodes': false }],
  ['query-block', { flat: true }],
  ['query-block', { flat: false }],
  ['query-block-exports', {}],
  ['x-debug-query-block-graph', {}],
];
