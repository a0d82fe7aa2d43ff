import type { Flavour } from '../trace/observation.ts';
import type { ShownCount } from './sequential-test.ts';

/** What a gate has found out about a signature: the next item that shows it need not be compared anew. */
export type SettledCause = { is: 'fault' | 'same'; item: string; baseline?: ShownCount };

export type Causes = {
  /** Of all of them; undefined where one is not known yet. A fault of one is a fault of all. */
  find(flavour: Flavour, signatures: ReadonlySet<string>): SettledCause | undefined;
  note(flavour: Flavour, signatures: ReadonlySet<string>, cause: SettledCause): void;
};

export function openCauses(): Causes {
  const causes = new Map<string, SettledCause>();
  const keyOf = (flavour: Flavour, signature: string): string => `${flavour} ${signature}`;
  return {
    find(flavour, signatures) {
      const found = [...signatures].map((signature) => causes.get(keyOf(flavour, signature)));
      if (found.includes(undefined)) return undefined;
      return found.find((cause) => cause?.is === 'fault') ?? found[0];
    },
    note(flavour, signatures, cause) {
      for (const signature of signatures) {
        const key = keyOf(flavour, signature);
        if (causes.get(key)?.is !== 'fault') causes.set(key, cause);
      }
    },
  };
}
