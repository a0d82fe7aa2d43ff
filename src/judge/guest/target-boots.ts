import type { Observation } from '../../trace/observation.ts';
import type { ImageFact } from '../facts/image.ts';
import type { Rule, RuleFamily } from '../rule.ts';

const boots: Rule = {
  name: 'integrity/target-boots',
  kind: 'integrity',
  statement:
    'From an image that the sequence claims to be bootable (`after`: `boots`) a guest boots, and reads through its device what lies in the image.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-job-complete: "This is supported for drive mirroring, where it also switches the device to write to the target path only."; the target is a copy of the whole disk; the boot sector is of our own (guest/boot-sector.asm)',
};

/** Whether a guest can live on what was copied. */
export const targetBoots: RuleFamily = {
  rules: [boots],
  judge: ({ trace }, ledger) =>
    trace.flatMap((seen, at) => {
      const wrong = seen.kind === 'boot' ? wrongWith(seen) : undefined;
      if (seen.kind === 'boot' && wrong === undefined) ledger.held(boots);
      return wrong === undefined ? [] : [{ rule: boots, at, facts: wrong }];
    }),
};

function wrongWith(seen: Extract<Observation, { kind: 'boot' }>): ImageFact | undefined {
  const { image } = seen;
  switch (seen.outcome) {
    case 'silent':
      return { shape: 'image', image, is: 'not bootable', said: seen.text };
    case 'failed':
      return { shape: 'image', image, is: 'not readable', said: seen.text };
    case 'read': {
      const { lengthBytes, guest, host } = seen;
      if (guest === host) return undefined;
      return { shape: 'image', image, is: 'read otherwise', lengthBytes, guest, host };
    }
  }
}
