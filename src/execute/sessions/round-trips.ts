import type { Session } from '../../target/process/live-session.ts';

/** How long this host takes for a query, as seen lately. */
export type RoundTrips = {
  /** Asks a few times more; microseconds, the median of the last ones. */
  measure(session: Pick<Session, 'client' | 'nextCommandId'>): Promise<number>;
};

/**
 * What deadlines on this host are scaled by. It is looked at again before each sequence: a host that was slow when the
 * first QEMU started may be quick a second later, and a hang is not waited for ten times as long for that.
 */
export function roundTrips(): RoundTrips {
  const recentUs: number[] = [];
  return {
    async measure(session) {
      for (let i = 0; i < each; i++) {
        const begin = performance.now();
        await session.client.command('query-version', {}, { id: session.nextCommandId() }).reply;
        recentUs.push((performance.now() - begin) * 1000);
      }
      recentUs.splice(0, recentUs.length - window);
      return Math.round(recentUs.toSorted((a, b) => a - b)[Math.floor(recentUs.length / 2)] as number);
    },
  };
}

/** Together less than a millisecond of a sequence's 150; one slow answer in three or seven in fifteen change nothing. */
const each = 3;
const window = 15;
