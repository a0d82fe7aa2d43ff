import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UsageError } from '../errors.ts';
import { setAside } from './set-aside.ts';
import { storedFinding } from './stored.ts';

/**
 * Sets aside what can't be read of a finding that is to be recorded again: the whole of it where finding.json is
 * spoilt; else the sequence and its trace, which are written anew. Says what it did.
 */
export function setAsideSpoilt(at: string): { spoilt?: string } {
  const dir = realpathSync(at);
  const whole = complaintOf(() => storedFinding(dir).finding);
  if (whole !== undefined) return { spoilt: `${whole}; it is kept as ${setAside(dir)}` };
  const part = complaintOf(() => [storedFinding(dir).sequence(), storedFinding(dir).trace()]);
  if (part === undefined) return {};
  // The name leads to a finding that speaks of another rule: this one's sequence has no place there.
  if (basename(dir) !== basename(at)) return { spoilt: `${part}; it is kept as ${setAside(dir)}` };
  const files = ['sequence.json', 'trace.jsonl']
    .map((name) => join(dir, name))
    .filter((file) => existsSync(file));
  return { spoilt: `${part}; kept in ${dir}: ${files.map(setAside).join(', ')}` };
}

function complaintOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
