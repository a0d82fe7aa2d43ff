import type { FindingsChange } from '../page/live-model.ts';
import { limits } from './limits.ts';
import type { Seen, Watch } from './watch.ts';

export type EventStreams = {
  /** A new client's stream; undefined where there are as many as may be. */
  open(): ReadableStream<Uint8Array> | undefined;
  count(): number;
  close(): void;
};

/**
 * Server-sent events for every client. What a client has not yet taken is not kept for it: it gets what is different from
 * what it had last, as soon as it takes anything again, so that a slow one costs no memory.
 */
export function openEventStreams(watch: Watch): EventStreams {
  const clients = new Set<() => void>();
  return {
    open: () => (clients.size >= limits.clientsMax ? undefined : streamTo(watch, clients)),
    count: () => clients.size,
    close() {
      for (const end of clients) end();
    },
  };
}

function streamTo(watch: Watch, clients: Set<() => void>): ReadableStream<Uint8Array> {
  const had = { now: 0, coverage: 0, findings: 0, heads: new Map<string, number>() };
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let tookAtMs = performance.now();
  const silence = watch.onChange(send);
  const beat = setInterval(onBeat, limits.beatEveryMs);
  beat.unref();
  clients.add(end);
  return new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      // Called when the last piece was taken, and at first.
      pull: () => send(),
      cancel: leave,
    },
    { highWaterMark: 1 },
  );

  function send(text = news(had, watch.seen())): void {
    if ((controller.desiredSize ?? 0) <= 0) return;
    tookAtMs = performance.now();
    if (text !== '') controller.enqueue(Buffer.from(text));
  }

  function onBeat(): void {
    if (performance.now() - tookAtMs > limits.stuckMs && (controller.desiredSize ?? 0) <= 0) end();
    else send(event('beat', JSON.stringify(new Date().toISOString())));
  }

  function leave(): void {
    clearInterval(beat);
    silence();
    clients.delete(end);
  }

  function end(): void {
    leave();
    try {
      controller.close();
    } catch {
      // It has ended itself in the meantime.
    }
  }
}

type Had = { now: number; coverage: number; findings: number; heads: Map<string, number> };

/** Of each part that has changed since this client had it, one event; then it has them. */
export function news(had: Had, { now, coverage, findings }: Seen): string {
  const events: string[] = [];
  if (had.now !== now.revision) events.push(event('now', now.text));
  if (had.findings !== findings.revision) {
    const changed = findings.heads.filter(({ head, revision }) => had.heads.get(head.id) !== revision);
    const order = findings.heads.map(({ head }) => head.id);
    const change: FindingsChange = { changed: changed.map(({ head }) => head), order };
    events.push(event('findings', JSON.stringify(change)));
    had.heads = new Map(findings.heads.map(({ head, revision }) => [head.id, revision]));
  }
  if (had.coverage !== coverage.revision) events.push(event('coverage', coverage.text));
  Object.assign(had, { now: now.revision, coverage: coverage.revision, findings: findings.revision });
  return events.join('');
}

/** JSON has no newlines that would end a line of the event. */
const event = (name: string, json: string): string => `event: ${name}\ndata: ${json}\n\n`;
