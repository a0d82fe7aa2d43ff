import type { FaultStep, Step } from '../../sequence/step.ts';
import { type Feature, someStep } from './feature.ts';

const isFault = <Kind extends FaultStep['fault']>(
  step: Step,
  kind: Kind,
): step is Extract<FaultStep, { fault: Kind }> => 'fault' in step && step.fault === kind;

/** Others than the one client and the one guest. */
export const foreign: readonly Feature[] = [
  someStep('a second client of an export', ({ step }) => 'guest' in step && step.client !== undefined),
  someStep('an out-of-band command', ({ step }) => 'qmp' in step && step.oob === true),
  ...(['silent', 'half', 'vanish'] as const).map((does) =>
    someStep(`a stray NBD client: ${does}`, ({ step }) => isFault(step, 'stranger') && step.does === does),
  ),
  someStep('another process opens an image', ({ step }) => isFault(step, 'opener') && !step.shared),
  someStep(
    'another process opens an image that is locked',
    ({ step }) => isFault(step, 'opener') && step.shared === true,
  ),
  someStep('another monitor', ({ step }) => isFault(step, 'monitor')),
  someStep(
    'another monitor, out of band',
    ({ step }) => isFault(step, 'monitor') && step.commands.some(({ oob }) => oob),
  ),
];
