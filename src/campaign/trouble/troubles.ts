import { limits } from '../limits.ts';
import type { Trouble } from './trouble.ts';

/** What one sequence came to, as far as the machine is concerned. */
export type Met = {
  /** Path of its QEMU: things are there or not for each QEMU. */
  qemu: string;
  /** `QEMU system` or `QEMU daemon`. */
  program: string;
  /** The optional things that it used (sequence/optional.ts). */
  uses: readonly string[];
  trouble?: Trouble;
};

/** Not to be used any more: it failed again and again. */
export type SwitchedOff = Trouble & { qemu: string; thing: string };

export type Troubles = {
  /** `off`: what is to be left out from now on. `hopeless`: nothing can be judged on this machine. */
  note(met: Met): { off?: SwitchedOff; hopeless?: Trouble };
  isOff(qemu: string, thing: string): boolean;
};

/**
 * Counts failures of the machine in a row. A thing that fails `thingFailuresMax` times without a success between is
 * switched off. Where plain sequences fail so, those that want nothing but QEMU and local files, nothing is left.
 */
export function openTroubles(programs: readonly { qemu: string; program: string }[]): Troubles {
  const failures = new Map<string, number>();
  const off = new Set<string>();
  let plainFailures = 0;

  return {
    note({ qemu, program, uses, trouble }) {
      if (!trouble) {
        plainFailures = 0;
        for (const thing of [program, ...uses]) failures.delete(keyOf(qemu, thing));
        return {};
      }
      if (uses.length === 0 && ++plainFailures >= limits.plainFailuresMax) return { hopeless: trouble };
      const { thing } = trouble;
      if (thing === undefined) return {};
      const key = keyOf(qemu, thing);
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      if (count < limits.thingFailuresMax || off.has(key)) return {};
      off.add(key);
      const isAllOff = programs.every((each) => off.has(keyOf(each.qemu, each.program)));
      return { off: { ...trouble, qemu, thing }, ...(isAllOff ? { hopeless: trouble } : {}) };
    },
    isOff: (qemu, thing) => off.has(keyOf(qemu, thing)),
  };
}

const keyOf = (qemu: string, thing: string): string => `${qemu} ${thing}`;
