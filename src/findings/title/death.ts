import type { DiedFact } from '../../judge/facts/died.ts';
import type { Trace } from '../../trace/observation.ts';
import { failedAssertion, isHeapBroken, unexpectedError } from '../signature/crash.ts';
import { causeOf } from '../stacks/cause.ts';
import type { Stack } from '../stacks/stack.ts';
import { stderrOf } from '../stderr.ts';
import type { Effect } from './effect.ts';

/** How QEMU died, and where: by its own last words, else by a stack, else the signal alone. */
export function deathEffect(
  { signal, code, asked }: DiedFact,
  trace: Trace,
  stacks: readonly Stack[],
): Effect {
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
  const memory = causeIn(stacks, (is) => is !== 'fault' && is !== 'abort' && is !== 'hang');
  if (memory)
    return same(`${memory.is}${memory.is === 'use after free' ? ', freed' : ''} in ${memory.place}`);
  if (isHeapBroken(lines)) return same('the heap is corrupted');
  const complaining = functionComplaining(lines);
  if (signal === 'SIGABRT' && complaining !== undefined) return same(`abort in ${complaining}`);
  const place = faultingFunction(stacks);
  if (signal !== null) return same(`${signal}${place === undefined ? '' : ` in ${place}`}`);
  return same(asked ? `exit code ${code} after quit` : `QEMU exits by itself, with code ${code}`);
}

/** The function to blame, where a debugger has seen it by its name. */
function causeIn(stacks: readonly Stack[], isWanted: (is: Stack['is']) => boolean) {
  const causes = stacks.flatMap((stack) => (isWanted(stack.is) ? (causeOf(stack) ?? []) : []));
  const named = causes.find(({ build }) => build === undefined);
  const [place] = named?.frames ?? [];
  return named && place !== undefined ? { is: named.is, place } : undefined;
}

/** The innermost of QEMU's own, where that has a name: those outside of it need none. */
function faultingFunction(stacks: readonly Stack[]): string | undefined {
  for (const stack of stacks) {
    const frames = stack.is === 'fault' ? (causeOf(stack)?.frames ?? []) : [];
    const place = frames.find((frame) => !lockingFunction.test(frame));
    if (place !== undefined && isName.test(place)) return place;
  }
  return undefined;
}

/** They are called everywhere: who called one with a bad lock says more. */
const lockingFunction = /^qemu_(rec_)?mutex_/;
const isName = /^[A-Za-z_]\w*$/;

/** `qemu: qemu_mutex_unlock_impl: Operation not permitted`: QEMU's wrappers name themselves before they abort. */
const functionComplaining = (lines: readonly string[]): string | undefined =>
  lines.flatMap((line) => /^(?:qemu: )?([a-z]\w*_\w+): \w/.exec(line)?.[1] ?? []).at(-1);

const same = (text: string): Effect => ({ long: text, short: text });

/** Of `static int foo(void)`, as some compilers say it, the name. */
const functionName = (place: string): string => /(\w+)\s*\(/.exec(place)?.[1] ?? place;
