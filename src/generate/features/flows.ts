import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { GuessedJob } from '../guesses.ts';
import { isPlausible } from '../resolve-references.ts';
import { type Feature, isCommand, someDisk, someStep } from './feature.ts';

/** The command is sent as the schema has it. */
const soundly = (command: string): Feature =>
  someStep(
    command,
    ({ step, now }) => isCommand(step, command) && isPlausible(now.binary.schema, step.qmp, step.args ?? {}),
  );

const creates = (driver: string, is: (options: JsonObject) => boolean, more = ''): Feature =>
  someStep(
    `blockdev-create of ${driver}${more}`,
    ({ step }) =>
      isCommand(step, 'blockdev-create') &&
      isJsonObject(step.args?.options) &&
      step.args.options.driver === driver &&
      is(step.args.options),
  );

/** One command, and some time after it the other. */
const hasPair = (name: string, first: string, second: string): Feature => ({
  name,
  holds: ({ moments }) => {
    const at = moments.findIndex(({ step }) => isCommand(step, first));
    return at !== -1 && moments.slice(at).some(({ step }) => isCommand(step, second));
  },
});

const isJob = ({ status }: GuessedJob): boolean => status !== 'concluded';

/** What management tools do, and migration. */
export const flows: readonly Feature[] = [
  ...['blockdev-create', 'block_resize', 'block-job-change', 'block-export-add', 'nbd-server-start'].map(
    soundly,
  ),
  ...['blockdev-snapshot', 'blockdev-snapshot-sync', 'blockdev-reopen', 'blockdev-set-active'].map(soundly),
  ...['qcow2', 'luks', 'vmdk', 'vdi', 'qed'].map((driver) => creates(driver, () => true)),
  creates('qcow2', ({ encrypt }) => encrypt !== undefined, ', encrypted'),
  creates('qcow2', (options) => options['data-file'] !== undefined, ' with a data file'),
  ...['metadata', 'falloc', 'full'].map((mode) =>
    creates('qcow2', ({ preallocation }) => preallocation === mode, `, preallocation ${mode}`),
  ),
  someStep('a resize while a job works', (moment) => {
    const { step, now } = moment;
    return isCommand(step, 'block_resize') && now.jobs.some(isJob);
  }),
  ...['block-commit', 'block-stream'].map((command) =>
    someStep(
      `${command} with backing-mask-protocol`,
      ({ step }) => isCommand(step, command) && step.args?.['backing-mask-protocol'] === true,
    ),
  ),
  someStep(
    'a drive-mirror beside a backup',
    ({ step, now }) =>
      isCommand(step, 'drive-mirror') && now.jobs.some((job) => job.type === 'backup' && isJob(job)),
  ),
  someDisk('a disk at the destination', ({ servedBy }) => servedBy === 'destination'),
  someStep(
    'migrate while a job works',
    ({ step, now }) => isCommand(step, 'migrate') && now.jobs.some(isJob),
  ),
  someStep(
    'migrate to a second QEMU',
    ({ step, now }) => isCommand(step, 'migrate') && now.arena.incoming !== undefined,
  ),
  hasPair('cont after migrate', 'migrate', 'cont'),
  hasPair('a job after cont', 'cont', 'blockdev-mirror'),
  someStep('migrate with a booted guest', ({ step, now }) => {
    return isCommand(step, 'migrate') && now.arena.machine === 'pc';
  }),
  ...['migrate-continue', 'migrate', 'migrate_cancel', 'migrate-set-capabilities'].map(soundly),
];
