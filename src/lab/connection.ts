import type { Redis } from 'ioredis';
import { EnvironmentError } from '../errors.ts';
import type { QueueUrl } from './queue-url.ts';

/** A connection to a lab's Redis or Valkey, which comes back by itself when the server does. */
export type Connection = {
  redis: Redis;
  /** All keys begin with it. */
  prefix: string;
  /** The URL without its password. */
  shown: string;
  close(): void;
};

/**
 * Connects, and says in one line why it can't: EnvironmentError. Later losses are waited out: commands wait until the
 * server is there again, however long that takes; `trouble` hears once of each loss, and of its end (undefined).
 */
export async function openConnection(
  url: QueueUrl,
  trouble: (why: string | undefined) => void = () => {},
): Promise<Connection> {
  const { Redis } = await import('ioredis');
  const redis = new Redis({
    ...url.connect,
    lazyConnect: true,
    // What BullMQ asks for: a command outlives any number of reconnections.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isOpen ? Math.min(100 * 2 ** times, retryMostMs) : null),
    connectTimeout: connectTimeoutMs,
  });
  let isOpen = false;
  let lost = false;
  let last = '';
  redis.on('error', (error: Error) => {
    last = error.message;
  });
  redis.on('close', () => {
    if (!isOpen || lost) return;
    lost = true;
    trouble(last || 'the connection was closed');
  });
  redis.on('ready', () => {
    if (!lost) return;
    lost = false;
    trouble(undefined);
  });
  try {
    await redis.connect();
    isOpen = true;
  } catch (error) {
    redis.disconnect();
    const why = last || (error as Error).message;
    throw new EnvironmentError(
      `no Redis at ${url.shown}: ${why}`,
      'is it running, and may this machine connect?',
    );
  }
  return {
    redis,
    prefix: url.prefix,
    shown: url.shown,
    close() {
      isOpen = false;
      redis.disconnect();
    },
  };
}

const retryMostMs = 5_000;
const connectTimeoutMs = 5_000;
