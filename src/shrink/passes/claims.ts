import type { Pass } from '../pass.ts';

/** What the sequence itself claims, or requires of a QEMU: of a defect that needs no claim to be seen, nothing is left. */
export const claims: Pass = {
  name: 'claims',
  sites: ({ steps, after, requires, seed }) => [
    ...steps.flatMap((step, i) =>
      'expect' in step && step.expect !== undefined ? [[[{ path: ['steps', i, 'expect'] }]]] : [],
    ),
    ...(after === undefined ? [] : [[[{ path: ['after'] }]]]),
    ...(after ?? []).map((_, i) => [[{ path: ['after', i] }]]),
    // Shrinking tries on one program: that the other one needs no such claim, it can't find out.
    ...(requires === undefined
      ? []
      : requires.flavour === undefined
        ? [[[{ path: ['requires'] }]]]
        : requires.commands === undefined
          ? []
          : [[[{ path: ['requires', 'commands'] }]]]),
    ...(seed === undefined ? [] : [[[{ path: ['seed'] }]]]),
  ],
};
