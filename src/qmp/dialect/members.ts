import type { Dialect } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import { isExactNumber } from './exact-json.ts';
import { invalidParameter, invalidParameterType, missingParameter } from './failures.ts';
import type { Args, Failure } from './translation.ts';

/** What a command takes; `?`: it may be left out. */
export type Members = Readonly<Record<string, Type | `${Type}?`>>;
type Type = 'string' | 'int' | 'bool';

/** What is wrong with arguments, in the order in which the monitor looked (monitor.c, qmp_check_client_args). */
export function misfit(args: Args, members: Members, dialect: Dialect): Failure | undefined {
  for (const [name, type] of Object.entries(members))
    if (!type.endsWith('?') && args[name] === undefined) return missingParameter(dialect, name);
  for (const [name, value] of Object.entries(args)) {
    const type = Object.hasOwn(members, name) ? members[name] : undefined;
    if (type === undefined) return invalidParameter(dialect, name);
    const expected = type.replace('?', '') as Type;
    if (!isOf[expected](value)) return invalidParameterType(dialect, name, expected);
  }
  return undefined;
}

/** Only the kind of value: what range it must be in is for QEMU to say. */
const isOf: Record<Type, (value: Json) => boolean> = {
  string: (value) => typeof value === 'string',
  int: (value) => typeof value === 'number' || isExactNumber(value),
  bool: (value) => typeof value === 'boolean',
};
