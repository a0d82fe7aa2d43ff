import { type Feature, someStep } from './feature.ts';

/** Others than the one client and the one guest. */
export const foreign: readonly Feature[] = [
  someStep('a second client of an export', ({ step }) => 'guest' in step && step.client !== undefined),
  someStep('an out-of-band command', ({ step }) => 'qmp' in step && step.oob === true),
];
