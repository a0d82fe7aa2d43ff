import type { DiedFact } from '../../judge/facts/died.ts';
import type { Trace } from '../../trace/observation.ts';
import { failedAssertion, isHeapBroken, unexpectedError } from '../signature/crash.ts';
import { stderrOf } from '../stderr.ts';
import type { Effect } from './effect.ts';

/** How QEMU died, and where: by its own last words, else by a stack, else the signal alone. */
export function deathEffect({ signal, code, asked }: DiedFact, trace: Trace, diedIn?: string): Effect {
  const lines = stderrOf(trace);
  const failed = failedAssertion(lines);
  if (failed) {
    const { place, claim } = failed;
    const name = functionName(place);
    return { long: `assertion \`${claim}' fails in ${name}`, short: `assertion in ${name}` };
  }
  const unexpected = unexpectedError(lines);
  if (unexpected !== undefined) {
    const place = unexpected === '' ? '' : ` in ${unexpected}`;
    return { long: `abort on an unexpected error${place}`, short: `abort${place}` };
  }
  const where = diedIn === undefined ? '' : ` in ${diedIn}`;
  if (isHeapBroken(lines)) return same(`the heap is corrupted${where}`);
  if (signal !== null) return same(`${signal}${where}`);
  return same(asked ? `exit code ${code} after quit` : `QEMU exits by itself, with code ${code}`);
}

const same = (text: string): Effect => ({ long: text, short: text });

/** Of `static int foo(void)`, as some compilers say it, the name. */
const functionName = (place: string): string => /(\w+)\s*\(/.exec(place)?.[1] ?? place;
