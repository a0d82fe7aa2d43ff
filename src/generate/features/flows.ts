import { isPlausible } from '../resolve-references.ts';
import { type Feature, isCommand, someStep } from './feature.ts';

/** The command is sent as the schema has it. */
const soundly = (command: string): Feature =>
  someStep(
    command,
    ({ step, now }) => isCommand(step, command) && isPlausible(now.binary.schema, step.qmp, step.args ?? {}),
  );

/** What management tools do, and migration. */
export const flows: readonly Feature[] = [
  ...['blockdev-create', 'block_resize', 'block-job-change', 'block-export-add', 'nbd-server-start'].map(
    soundly,
  ),
  ...['blockdev-snapshot', 'blockdev-snapshot-sync', 'blockdev-reopen', 'blockdev-set-active'].map(soundly),
  ...['migrate', 'migrate_cancel', 'migrate-set-capabilities'].map(soundly),
];
