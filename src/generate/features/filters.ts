import { type Feature, isCommand, someDisk, someStep } from './feature.ts';

/** A node of that driver is added by a step. */
const added = (driver: string): Feature =>
  someStep(
    `${driver} is added`,
    ({ step }) => isCommand(step, 'blockdev-add') && step.args?.driver === driver,
  );

/** Filters as parties. */
export const filters: readonly Feature[] = [
  ...['throttle', 'compress', 'copy-on-read', 'copy-before-write', 'preallocate'].map(added),
  ...['blkverify', 'blklogwrites', 'quorum', 'snapshot-access'].map(added),
  someDisk('a throttle layer', ({ layers = [] }) => layers.some((layer) => 'throttle' in layer)),
  someDisk('a blkdebug layer', ({ layers = [] }) => layers.some((layer) => 'blkdebug' in layer)),
];
