import { isJsonObject } from '../../sequence/json-object.ts';
import { asReference } from '../../sequence/reference.ts';
import type { Json } from '../../sequence/step.ts';

/** Whether some value within the arguments fells QEMU, wherever it stands. */
export function fellsQemu(value: Json): boolean {
  if (typeof value === 'string') return /"driver":"null-(co|aio)".*"size":-/.test(value);
  if (Array.isArray(value)) return value.some(fellsQemu);
  if (!isJsonObject(value)) return false;
  // bdrv_check_update_perm() asserts that nobody refuses this: SIGABRT, 5.2.
  const unshared = value['unshare-child-perms'];
  if (Array.isArray(unshared) && unshared.includes('write-unchanged')) return true;
  const isNull = value.driver === 'null-co' || value.driver === 'null-aio';
  return Object.entries(value).some(([name, inner]) => {
    const number = numberAt(inner);
    if (number === undefined) return fellsQemu(inner);
    // parse_option_size(): SIGABRT, 5.2 to 11.1.
    if (name === 'size') return isNull && number < 0;
    // Assertions of block-copy and of the dirty bitmap: SIGABRT, 10.0 and 11.1.
    return name === 'min-cluster-size' && number >= 2 ** 28;
  });
}

/** No failure: every request takes that long, is let through that slowly, or the buffer's pages are touched one by one. */
export function holdsQemuUp(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsQemuUp);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, inner]) => {
    const number = numberAt(inner);
    if (number === undefined) return holdsQemuUp(inner);
    if (name === 'latency-ns' || name === 'delay-ns') return number > 10 ** 7;
    if (name === 'buf-size') return number > 2 ** 28 && number < 2 ** 40;
    return /^(bps|iops)(_|-|$)/.test(name) && !name.endsWith('length') && number > 0 && number < 2 ** 20;
  });
}

function numberAt(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  const reference = asReference(value);
  return reference?.kind === 'number' ? Number(reference.digits) : undefined;
}
