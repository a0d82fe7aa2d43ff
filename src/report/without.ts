import type { HuntState } from './hunt-tally.ts';

/** A thing that a hunt did without, on those QEMUs; `sinceMs`: it was switched off then, after it had failed too often. */
export type DoneWithout = {
  thing: string;
  qemu: string[];
  reason: string;
  remedy?: string;
  sinceMs?: number;
};

/** What the machine lacks, as far as this hunt would have used it, and what it failed to do. */
export function doneWithout({
  programs,
  switchedOff,
}: Pick<HuntState, 'programs' | 'switchedOff'>): DoneWithout[] {
  const found = new Map<string, DoneWithout>();
  const add = (label: string, one: Omit<DoneWithout, 'qemu'>): void => {
    const key = `${one.thing} ${one.sinceMs ?? ''} ${one.reason}`;
    const same = found.get(key) ?? { ...one, qemu: [] };
    found.set(key, same);
    if (!same.qemu.includes(label)) same.qemu.push(label);
  };
  for (const { target, without = [] } of programs) {
    for (const { thing, lacks, remedy, unasked } of without) {
      if (thing === 'nbd' || unasked) continue; // that no server at all is there is said of each of them
      add(target.label, { thing, reason: lacks, ...(remedy === undefined ? {} : { remedy }) });
    }
  }
  for (const { thing, qemu, reason, remedy, atMs } of switchedOff) {
    const labels = programs.filter(({ target }) => target.path === qemu).map(({ target }) => target.label);
    for (const label of labels)
      add(label, { thing, reason, sinceMs: atMs, ...(remedy === undefined ? {} : { remedy }) });
  }
  return [...found.values()];
}

/** All in one line, for the start: what is missing together is said together. */
export function withoutLine(missing: readonly DoneWithout[]): string | undefined {
  if (missing.length === 0) return undefined;
  const byReason = Map.groupBy(missing, ({ reason }) => reason);
  const parts = [...byReason].map(
    ([reason, these]) => `${these.map(({ thing }) => thing).join(', ')} (${reason})`,
  );
  return `without ${parts.join('; ')}: mirrorfuzz doctor says what mends it`;
}

/** A line each, for the end. */
export const withoutLines = (missing: readonly DoneWithout[], clock: (ms: number) => string): string[] =>
  missing.map(({ thing, qemu, reason, remedy, sinceMs }) => {
    const since = sinceMs === undefined ? 'without' : `switched off at ${clock(sinceMs)}:`;
    const mend = remedy === undefined ? '' : ` -> ${remedy}`;
    return `${since} ${thing} on ${qemu.join(', ')}: ${reason}${mend}`;
  });
