import { cardOf } from '../qemu/cards.ts';
import type { Json, Step } from './step.ts';

/** Whether a step may leave a limit in force that a disk's requests wait for: nobody but the sequence takes it back. */
export function mayLimit(step: Step): boolean {
  if ('fault' in step) return step.fault === 'throttle';
  if (!('qmp' in step)) return false;
  const { qmp, args = {} } = step;
  return cardOf(qmp)?.limitsRequests === true || hasThrottle(args);
}

/** A node that throttles, a group of limits or its properties; in a line for HMP, by their names. */
function hasThrottle(value: Json, key = ''): boolean {
  if (typeof value === 'string') return textKeys.has(key) && /throttl/.test(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([name, inner]) => /^throttl/.test(name) || hasThrottle(inner, name));
}

const textKeys: ReadonlySet<string> = new Set(['driver', 'qom-type', 'path', 'command-line']);
