import type { Observation } from '../trace/observation.ts';
import type { Rule, RuleFamily } from './rule.ts';

const boots: Rule = {
  name: 'integrity/target-boots',
  kind: 'integrity',
  statement:
    'From an image that the sequence claims to be bootable (`after`: `boots`) a guest boots, and reads through its device what lies in the image.',
  source:
    'docs/interop/live-block-operations.rst: after block-job-complete the guest runs on the target, which is a copy of its whole disk; the boot sector is of our own (guest/boot-sector.asm)',
};

/** Whether a guest can live on what was copied. */
export const targetBoots: RuleFamily = {
  rules: [boots],
  judge: ({ trace }) =>
    trace.flatMap((seen, at) => {
      const wrong = seen.kind === 'boot' ? wrongWith(seen) : undefined;
      return wrong === undefined ? [] : [{ rule: boots, at, text: wrong }];
    }),
};

function wrongWith(seen: Extract<Observation, { kind: 'boot' }>): string | undefined {
  const { image } = seen;
  switch (seen.outcome) {
    case 'silent':
      return `no guest boots from ${image}: ${seen.text}`;
    case 'failed':
      return `the guest that boots from ${image} can't read it: ${seen.text}`;
    case 'read': {
      const { lengthBytes, guest, host } = seen;
      if (guest === host) return undefined;
      return `the guest that boots from ${image} finds something else in its first ${lengthBytes} bytes: sums ${guest}, not ${host}`;
    }
  }
}
