import { cardOf, type VerbName } from '../../qemu/cards.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { HeldBy } from '../facts/lacking.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import type { JobHistory } from '../reading/job-histories.ts';

/**
 * What may have left a job paused once more than anybody asked: a command that drains its nodes and was refused, since
 * what it began to drain it must let go again; else a verb other than pause and resume that came while it was paused.
 */
export function heldBy(
  evidence: Evidence,
  life: JobHistory,
  pausedAt: number,
  before: Place,
): HeldBy | undefined {
  const sent = evidence.exchanges.filter((exchange) => exchange.sent < before);
  const nodes = nodesOf(evidence, life);
  const drained = sent.findLast((exchange) => isRefusedDrain(evidence, exchange, nodes));
  if (drained) return { refused: drainOf(drained.name) ?? 'transaction' };
  const verb = sent.findLast((exchange) => exchange.sent > pausedAt && isVerbOn(exchange, life.id));
  const name = verb && cardOf(verb.name)?.verb?.name;
  return name === undefined ? undefined : { verb: name as VerbName };
}

/** The strings of its start: among them the nodes that it names. */
function nodesOf({ bySent }: Evidence, { startedBy }: JobHistory): ReadonlySet<string> {
  const start = bySent.get(startedBy ?? -1);
  return new Set(start ? stringsIn(start.args) : []);
}

const isRefusedDrain = (evidence: Evidence, exchange: Exchange, nodes: ReadonlySet<string>): boolean =>
  drainOf(exchange.name) !== undefined &&
  replyOf(evidence, exchange)?.error !== undefined &&
  stringsIn(exchange.args).some((text) => nodes.has(text));

export const drains = ['reopen', 'snapshot', 'transaction'] as const;

function drainOf(name: string): (typeof drains)[number] | undefined {
  if (name === 'transaction') return name;
  const kind = cardOf(name)?.change?.kind;
  if (kind === 'reopens') return 'reopen';
  return kind === 'overlays' ? 'snapshot' : undefined;
}

function isVerbOn({ name, args }: Exchange, id: string): boolean {
  const verb = cardOf(name)?.verb;
  return verb !== undefined && args[verb.id] === id && ending.has(verb.does);
}

const ending: ReadonlySet<string> = new Set(['finishes', 'cancels', 'finalizes', 'changes']);

function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : [];
}
