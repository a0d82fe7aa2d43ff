import type { LiveEvents } from '../../live-model.ts';

type Listeners = { [Name in keyof LiveEvents]: (data: LiveEvents[Name]) => void };

/**
 * Listens until the tab is closed. A connection that breaks is made again, at once first, then after longer and longer
 * pauses; so is one in which nothing comes, not even a beat. `state` hears of each change.
 */
export function listen(listeners: Listeners, state: (is: 'open' | 'lost' | 'refused') => void): void {
  let failures = 0;
  let watchdog: number | undefined;
  connect();

  function connect(): void {
    const source = new EventSource('events');
    for (const name of Object.keys(listeners) as (keyof LiveEvents)[])
      source.addEventListener(name, (event) => {
        failures = 0;
        alive(source);
        state('open');
        // Names and data come from one server: each name has its own shape.
        (listeners[name] as (data: unknown) => void)(JSON.parse((event as MessageEvent<string>).data));
      });
    source.addEventListener('error', () => again(source));
    alive(source);
  }

  function alive(source: EventSource): void {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => again(source), silentMs);
  }

  function again(source: EventSource): void {
    source.close();
    clearTimeout(watchdog);
    state('lost');
    // A token that is no longer right, after a restart: the page itself says so.
    void fetch('metrics')
      .then(({ status }) => state(status === 401 ? 'refused' : 'lost'))
      .catch(() => {});
    setTimeout(connect, Math.min(pauseMostMs, 500 * 2 ** failures++));
  }
}

/** The server beats every 15 seconds. */
const silentMs = 40_000;
const pauseMostMs = 15_000;
