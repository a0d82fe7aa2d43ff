import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EnvironmentError } from '../errors.ts';
import { limits } from './limits.ts';

/**
 * Does `work` while no other process does its own on the same directory. The lock is SQLite's on an empty database: the
 * kernel takes it back however its holder ends, so none is ever stale, and it holds between containers, too.
 */
export function locked<T>(dir: string, work: () => T): T {
  const lock = take(join(dir, '.lock'));
  try {
    return work();
  } finally {
    lock.close();
  }
}

function take(file: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { timeout: limits.lockWaitMs });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    throw new EnvironmentError(
      `can't lock ${file}: ${(error as Error).message}`,
      'look who else writes there',
      {
        cause: error,
      },
    );
  }
}
