import type { QemuTarget } from '../target/programs/binary.ts';
import type { Instrument } from '../target/programs/instruments.ts';
import type { Flavour } from '../trace/observation.ts';

/** A QEMU in a result's JSON. `instruments`: what it was built with to watch itself, where there is any. */
export type QemuOutcome = {
  label: string;
  version: string;
  path: string;
  flavour: Flavour;
  instruments?: readonly Instrument[];
};

export function qemuOutcome(target: QemuTarget, flavour: Flavour): QemuOutcome {
  const { label, version, path } = target;
  const instruments = target[flavour]?.instruments ?? [];
  return { label, version, path, flavour, ...(instruments.length > 0 ? { instruments } : {}) };
}
