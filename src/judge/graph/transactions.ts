import type { Graph } from '../../model/graph/graph.ts';
import { isJobStart } from '../../model/job-start.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Reason } from '../facts/reason.ts';
import type { Rule } from '../rule.ts';
import { outOfRange } from '../validation/start-arguments.ts';
import type { GraphRuling, GraphSituation } from './ruling.ts';

const whole: Rule = {
  name: 'graph/transaction-refused',
  kind: 'validation',
  statement:
    'A transaction with an action that must be refused is refused as a whole, and so is a grouped one with an action that starts no job.',
  source:
    'qapi/transaction.json (QEMU 10.0), transaction: "If any operation fails, then the entire set of actions will be abandoned and the appropriate error returned."; ActionCompletionMode: "May be rejected by Actions that do not support this completion mode.", which all but backups do on these versions',
};
const nothing: Rule = {
  name: 'graph/transaction-leaves-nothing',
  kind: 'validation',
  statement: 'Of a transaction that is refused no job is left; nor, as queries show, a node or a bitmap.',
  source:
    'qapi/transaction.json (QEMU 10.0), transaction: "If any operation fails, then the entire set of actions will be abandoned and the appropriate error returned."; `created aborting concluded null` before the error as observed on these versions',
};

export const transactionRules = { whole, nothing, all: [whole, nothing] } as const;

/**
 * What must be said of a transaction, by the rulings on its actions one by one: each is judged by the graph as it was,
 * so only those count that no action before can have helped.
 */
export function ruleTransaction(
  situation: GraphSituation,
  rule: (command: string, situation: GraphSituation) => readonly GraphRuling[],
): GraphRuling | undefined {
  const ungroupable = isGrouped(situation.args)
    ? actionsOf(situation.args).find(({ type }) => type !== 'abort' && !isJobStart(type))
    : undefined;
  if (ungroupable)
    return { rule: whole, must: 'fail', why: { is: 'grouped action', action: ungroupable.type } };
  const before = new Set<string>();
  const ids = new Set<Json | undefined>();
  for (const { type, data } of actionsOf(situation.args)) {
    const why = badByItself(situation.graph, type, data, ids);
    if (why !== undefined) return { rule: whole, must: 'fail', why };
    const named = textsOf(data);
    if (!named.some((text) => before.has(text))) {
      const bad = rule(type, { ...situation, args: data }).find(({ must }) => must === 'fail');
      if (bad)
        return {
          ...bad,
          rule: whole,
          why: { is: 'action', action: type, why: bad.why, rule: bad.rule.name },
        };
    }
    for (const text of changes(type, data)) before.add(text);
  }
  return undefined;
}

const isGrouped = ({ properties }: JsonObject): boolean =>
  isJsonObject(properties ?? null) && (properties as JsonObject)['completion-mode'] === 'grouped';

/** What is wrong with an action whatever the nodes are like; `ids` are those of the jobs before it. */
function badByItself(
  graph: Graph,
  type: string,
  data: JsonObject,
  ids: Set<Json | undefined>,
): Reason | undefined {
  if (type === 'abort') return { is: 'abort' };
  if (!isJobStart(type)) return undefined;
  const why = outOfRange(type, data);
  if (why !== undefined) return { is: 'action', action: type, why };
  const id = data['job-id'];
  if (id === undefined) return undefined;
  if (graph.jobs.get(String(id))?.sure || ids.has(id))
    return { is: 'action', action: type, why: { is: 'taken', what: 'id', name: String(id) } };
  ids.add(id);
  return undefined;
}

/** The actions of a transaction, as far as they are well-formed. */
export function actionsOf(args: JsonObject): { type: string; data: JsonObject }[] {
  const list = Array.isArray(args.actions) ? args.actions : [];
  return list.flatMap((action) =>
    isJsonObject(action) && typeof action.type === 'string' && isJsonObject(action.data)
      ? [{ type: action.type, data: action.data }]
      : [],
  );
}

/** Names whose refusal an action may turn into a success for those after it: nothing of it frees a node. */
function changes(type: string, data: JsonObject): string[] {
  if (isJobStart(type)) return [];
  return type.startsWith('block-dirty-bitmap-')
    ? textsOf([data.name ?? null, data.target ?? null])
    : textsOf(data);
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsOf);
}
