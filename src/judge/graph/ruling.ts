import { clearNode, type Graph, isFreeName, sureNode } from '../../model/graph/graph.ts';
import type { Card, NodeArgument } from '../../qemu/card.ts';
import { cards } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Place } from '../../trace/place.ts';
import type { Reason } from '../facts/reason.ts';
import type { Rule } from '../rule.ts';
import type { WhyUndecided } from '../why-undecided.ts';

/** What the graph says a command must be answered by; no ruling where it does not say. */
export type GraphRuling = { rule: Rule; must: 'fail' | 'succeed'; why: Reason; classes?: readonly string[] };

/**
 * `args`: as a stored trace has them. `notBefore`: the handler ran after this place of the trace. `unsure`: a rule has
 * something to rule on, and can't; it gives undefined, so that checks can return it.
 */
export type GraphSituation = {
  graph: Graph;
  args: JsonObject;
  version: string;
  notBefore: Place;
  unsure(rule: Rule, why: WhyUndecided): undefined;
};

export type GraphCheck = (situation: GraphSituation) => GraphRuling | undefined;

/** Rules about commands, and which commands they look at. */
export type GraphRules = { rules: readonly Rule[]; checks: Readonly<Record<string, GraphCheck>> };

export const refuse = (rule: Rule, why: Reason, classes?: readonly string[]): GraphRuling => ({
  rule,
  must: 'fail',
  why,
  ...(classes ? { classes } : {}),
});

export const accept = (rule: Rule, why: Reason): GraphRuling => ({ rule, must: 'succeed', why });

/** The first ruling that any of several checks gives. */
export const firstOf =
  (...checks: readonly GraphCheck[]): GraphCheck =>
  (situation) => {
    for (const check of checks) {
      const ruling = check(situation);
      if (ruling) return ruling;
    }
    return undefined;
  };

/** A node of that name is or may be there, and what is around it is not known. */
export const isUnclear = (graph: Graph, name: unknown): boolean =>
  typeof name === 'string' && graph.nodes.has(name) && clearNode(graph, name) === undefined;

/** Nothing but commands has touched the node while this one may have been handled. */
export function stoodStill({ graph, notBefore }: GraphSituation, name: string): boolean {
  const node = sureNode(graph, name);
  return node !== undefined && node.changedAt < notBefore;
}

export const only = (args: JsonObject, ...allowed: string[]): boolean =>
  Object.keys(args).every((key) => allowed.includes(key));

/** That name means nothing, and did not while the command may have been handled. */
export const isGone = ({ graph, notBefore }: GraphSituation, name: string): boolean =>
  isFreeName(graph, name) && (graph.vanished.get(name) ?? -1) < notBefore;

type NodeArguments = readonly [string, NodeArgument][];

/** A check for each command that has, as its card says, arguments naming such a node. */
export const checksOfNodes = (
  isSuch: (argument: NodeArgument) => boolean,
  isMeant: (card: Card) => boolean,
  checkOf: (named: NodeArguments) => GraphCheck,
): Record<string, GraphCheck> =>
  Object.fromEntries(
    Object.entries(cards).flatMap(([command, card]): [string, GraphCheck][] => {
      const named = Object.entries(card.nodes ?? {}).filter(([, argument]) => isSuch(argument));
      return named.length > 0 && isMeant(card) ? [[command, checkOf(named)]] : [];
    }),
  );
