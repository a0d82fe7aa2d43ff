import type { QmpSchema } from '../../qmp/schema.ts';
import type { Json } from '../../sequence/step.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import { opening, type Place, type PlacedTrace } from '../../trace/place.ts';

/** A trace prepared for judging, in one pass: what every rule family reads. */
export type Evidence = {
  trace: PlacedTrace;
  opened: Extract<Observation, { kind: 'opened' }>;
  /** Introspected schema of the binary that ran; absent where it was not kept, and then nothing is judged by it. */
  schema: QmpSchema | undefined;
  /** The images were as the arena says when it was set up: no QEMU had them before. */
  hasFreshImages: boolean;
  /** What was seen of the QEMU that had the images before, where one had. */
  former: Evidence | undefined;
  /** A session in a dialect in which a QEMU was started again: the retelling does not follow jobs across that. */
  isRetoldAcrossRestart: boolean;
  exchanges: readonly Exchange[];
  /** Each exchange by the index of its command. */
  bySent: ReadonlyMap<number, Exchange>;
  /** The exchange that a reply belongs to, by the reply's index. */
  byReply: ReadonlyMap<Place, Exchange>;
};

/** One command and its reply. Indices are places in the trace. */
export type Exchange = {
  sent: Place;
  name: string;
  args: Record<string, Json>;
  id: Json;
  oob: boolean;
  step: number | undefined;
  reply: Place | undefined;
  /**
   * The handler ran after this observation and before the reply: it can't run before it is sent, nor before the reply
   * to the command ahead of it, since a monitor without out-of-band handles one command at a time, in order.
   */
  notBefore: Place;
};

export function gather(
  seen: Trace,
  schema?: QmpSchema,
  former?: Evidence,
  isRestarted = false,
): Evidence | undefined {
  const trace = seen as PlacedTrace;
  const opened = trace[0];
  if (opened?.kind !== 'opened') return undefined;
  const exchanges: Exchange[] = [];
  const bySent = new Map<number, Exchange>();
  const byReply = new Map<Place, Exchange>();
  const waiting = new Map<string, Exchange[]>();
  let lastReply = opening;
  for (const [at, seen] of trace.entries()) {
    if (seen.kind === 'command') {
      const { name, args, id, step } = seen;
      const exchange: Exchange = {
        sent: at,
        name,
        args,
        id,
        oob: seen.oob === true,
        step,
        reply: undefined,
        notBefore: at,
      };
      exchanges.push(exchange);
      bySent.set(at, exchange);
      const key = JSON.stringify(id);
      const same = waiting.get(key);
      if (same) same.push(exchange);
      else waiting.set(key, [exchange]);
    } else if (seen.kind === 'reply') {
      const exchange = seen.id === undefined ? undefined : waiting.get(JSON.stringify(seen.id))?.shift();
      if (exchange) {
        exchange.reply = at;
        if (!exchange.oob) exchange.notBefore = exchange.sent > lastReply ? exchange.sent : lastReply;
        byReply.set(at, exchange);
      }
      // An out-of-band reply overtakes, and says nothing about the commands in band.
      if (exchange?.oob !== true) lastReply = at;
    }
  }
  return {
    trace,
    opened,
    schema,
    hasFreshImages: former === undefined,
    former,
    isRetoldAcrossRestart: isRestarted && opened.sequence.dialect !== undefined,
    exchanges,
    bySent,
    byReply,
  };
}

type Reply = Extract<Observation, { kind: 'reply' }>;

export function replyOf({ trace }: Evidence, { reply }: Exchange): Reply | undefined {
  const seen = reply === undefined ? undefined : trace[reply];
  return seen?.kind === 'reply' ? seen : undefined;
}
