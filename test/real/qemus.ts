import { describe, test } from 'vitest';
import { suites } from '../../src/target/install/suite.ts';
import { listQemu, type QemuTarget } from '../../src/target/programs/binary.ts';
import type { Flavour } from '../../src/trace/observation.ts';

/** One QEMU in one flavour, as tests drive it. */
export type Driven = { target: QemuTarget; flavour: Flavour };

const flavours = ['system', 'daemon'] as const;

const here = await listQemu();

/** Tests for every series, in both flavours; what this machine lacks shows up as skipped, with the remedy. */
export function onEveryQemu(body: (driven: Driven) => void): void {
  for (const { series, name } of suites) {
    const target = here.find((each) => each.version.startsWith(`${series}.`));
    if (target) inBothFlavours(target, body);
    else test.skip(`QEMU ${series} is not here: npx mirrorfuzz qemu fetch ${name}`, () => {});
  }
}

/** Tests for one QEMU in both flavours: 7.2 where it is here, else the newest. */
export function onOneQemu(body: (driven: Driven) => void): void {
  const target = oneQemu();
  if (target) inBothFlavours(target, body);
  else test.skip('no QEMU is here: ./bootstrap', () => {});
}

export function oneQemu(): QemuTarget | undefined {
  return here.find(({ version }) => version.startsWith('7.2.')) ?? here.at(-1);
}

function inBothFlavours(target: QemuTarget, body: (driven: Driven) => void): void {
  for (const flavour of flavours) {
    describe(`QEMU ${target.version} ${flavour}`, () => {
      if (target[flavour]) body({ target, flavour });
      else test.skip(`${target.path} has no ${flavour}`, () => {});
    });
  }
}

/** Whether this QEMU is of that version or newer; `since(driven, 6, 1)` is 6.1. */
export function since({ target }: Driven, major: number, minor: number): boolean {
  const [hasMajor = 0, hasMinor = 0] = target.version.split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
