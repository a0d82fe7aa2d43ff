import type { Verb } from './io-command.ts';

/** How a guest request ended. `unattributed`: it or a twin of it failed; `disconnected`: nobody will ever know. */
export type GuestResult = { result: 'ok' | 'error' | 'unattributed' | 'disconnected'; text?: string };

export type Request = {
  verb: Verb;
  offsetBytes: number;
  lengthBytes: number;
  settle: (result: GuestResult) => void;
};

/**
 * Which request in flight a report is about. qemu-io names a success by verb, offset and length and a failure by
 * verb alone, so a failure is booked when as many requests of its verb are left unreported as have failed. Twins
 * (same verb, offset, length) settle together: all ok, all failed, or `unattributed`.
 */
export type Ledger = {
  /** Returns how to take the request back out; that says false where it has settled meanwhile. */
  add(request: Request): () => boolean;
  done(verb: Verb, offsetBytes: number, lengthBytes: number): void;
  failed(verb: Verb, text: string): void;
  settleAll(result: GuestResult): void;
  size(): number;
};

/** Requests that can't be told apart, and how many of them were reported ok. `born`: when the first was added. */
type Twins = { verb: Verb; born: number; requests: Request[]; oks: number };
/** A failure can only be about twins born before it. */
type Failure = { seen: number; text: string };

export function createLedger(): Ledger {
  const inFlight = new Map<string, Twins>();
  const failures: Record<Verb, Failure[]> = { write: [], read: [] };
  let clock = 0;

  /** Failures 1 to k are all about twins born before the k-th, so k unreported among those means: exactly these. */
  function attributeFailures(verb: Verb): void {
    for (const [index, { seen }] of failures[verb].entries()) {
      const suspects = [...inFlight].filter(([, twins]) => twins.verb === verb && twins.born < seen);
      const unreported = suspects.reduce((sum, [, { requests, oks }]) => sum + requests.length - oks, 0);
      if (unreported > index + 1) continue;
      const texts = new Set(failures[verb].splice(0, index + 1).map((failure) => failure.text));
      const text = [...texts].join(' or ');
      for (const [key, { oks }] of suspects)
        settle(key, { result: oks === 0 ? 'error' : 'unattributed', text });
      attributeFailures(verb);
      return;
    }
  }

  function settle(key: string, result: GuestResult): void {
    const twins = inFlight.get(key);
    inFlight.delete(key);
    for (const request of twins?.requests ?? []) request.settle(result);
  }

  return {
    add(request) {
      const key = keyOf(request);
      const twins = inFlight.get(key) ?? { verb: request.verb, born: clock++, requests: [], oks: 0 };
      twins.requests.push(request);
      inFlight.set(key, twins);
      return () => {
        const index = twins.requests.indexOf(request);
        if (inFlight.get(key) !== twins || index < 0) return false;
        twins.requests.splice(index, 1);
        if (twins.requests.length === 0) inFlight.delete(key);
        return true;
      };
    },
    done(verb, offsetBytes, lengthBytes) {
      const key = keyOf({ verb, offsetBytes, lengthBytes });
      const twins = inFlight.get(key);
      if (twins === undefined) return;
      twins.oks++;
      if (twins.oks === twins.requests.length) settle(key, { result: 'ok' });
      attributeFailures(verb);
    },
    failed(verb, text) {
      failures[verb].push({ seen: clock++, text });
      attributeFailures(verb);
    },
    settleAll(result) {
      for (const key of [...inFlight.keys()]) settle(key, result);
      failures.write = [];
      failures.read = [];
    },
    size: () => inFlight.size,
  };
}

function keyOf({ verb, offsetBytes, lengthBytes }: Omit<Request, 'settle'>): string {
  return `${verb} ${offsetBytes} ${lengthBytes}`;
}
