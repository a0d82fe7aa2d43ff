import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Step } from '../../sequence/step.ts';
import type { GuessedJob, GuessedNode } from '../guesses.ts';
import { isPlausible } from '../resolve-references.ts';
import type { Situation } from '../situation.ts';
import {
  type Feature,
  hasCommand,
  hasNode,
  isCommand,
  type Moment,
  type Needs,
  onlyWhere,
  someDisk,
  someStep,
} from './feature.ts';

/** The command is sent as the schema has it. */
const soundly = (command: string): Feature => ({
  needs: hasCommand(command),
  ...someStep(
    command,
    ({ step, now }) => isCommand(step, command) && isPlausible(now.binary.schema, step.qmp, step.args ?? {}),
  ),
});

const creates = (driver: string, is: (options: JsonObject) => boolean, more = ''): Feature => ({
  needs: hasNode(driver),
  ...someStep(
    `blockdev-create of ${driver}${more}`,
    ({ step }) =>
      isCommand(step, 'blockdev-create') &&
      isJsonObject(step.args?.options) &&
      step.args.options.driver === driver &&
      is(step.args.options),
  ),
});

/** One command, and some time after it the other. */
const hasPair = (name: string, first: string, second: string): Feature => ({
  name,
  holds: ({ moments }) => {
    const at = moments.findIndex(({ step }) => isCommand(step, first));
    return at !== -1 && moments.slice(at).some(({ step }) => isCommand(step, second));
  },
});

const hasDestination: Needs = ({ without }) => without?.has('destination QEMU') !== true;
const asksFor = (step: Step, capability: string): boolean =>
  isCommand(step, 'migrate-set-capabilities') && JSON.stringify(step.args).includes(`"${capability}"`);
const isMirrorToDestination = ({ type }: GuessedJob, { arena }: Situation): boolean =>
  type === 'mirror' && arena.disks.some(({ servedBy }) => servedBy !== undefined);

/** How a mirror to the destination's disk ends. */
const cutOff = (name: string, command: string): Feature => ({
  needs: hasDestination,
  ...someStep(
    `an NBD migration, ${name}`,
    ({ step, now }) =>
      isCommand(step, command) &&
      step.args?.force !== true &&
      now.jobs.some((job) => job.becomesReady && isMirrorToDestination(job, now)),
  ),
});

/** The node that a mirror or backup copies to. */
const targetOf = ({ step, now }: Moment): GuessedNode | undefined =>
  isCommand(step, 'blockdev-mirror') || isCommand(step, 'blockdev-backup')
    ? now.nodes.find(({ name }) => name === step.args?.target)
    : undefined;
const isAdded = ({ now }: Moment, child: string): boolean =>
  now.nodes.some(({ name, origin }) => name === child && origin === 'added');
const isCreation = (step: Step): boolean => isCommand(step, 'blockdev-create');

const isJob = ({ status }: GuessedJob): boolean => status !== 'concluded';

/** What management tools do, and migration. */
export const flows: readonly Feature[] = [
  ...['blockdev-create', 'block_resize', 'block-job-change', 'block-export-add', 'nbd-server-start'].map(
    soundly,
  ),
  ...['blockdev-snapshot', 'blockdev-snapshot-sync', 'blockdev-reopen', 'blockdev-set-active'].map(soundly),
  soundly('change-backing-file'),
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
  ...['block-commit', 'block-stream'].flatMap((command) =>
    onlyWhere(
      hasCommand(command, 'backing-mask-protocol'),
      someStep(
        `${command} with backing-mask-protocol`,
        ({ step }) => isCommand(step, command) && step.args?.['backing-mask-protocol'] === true,
      ),
    ),
  ),
  someStep(
    'a drive-mirror beside a backup',
    ({ step, now }) =>
      isCommand(step, 'drive-mirror') && now.jobs.some((job) => job.type === 'backup' && isJob(job)),
  ),
  someStep(
    'a copy into a file that is there (mode=existing)',
    ({ step }) => 'qmp' in step && step.args?.mode === 'existing',
  ),
  someStep(
    'a shallow copy',
    ({ step, now }) =>
      'qmp' in step && step.args?.sync === 'top' && now.nodes.some(({ backing }) => backing !== undefined),
  ),
  ...onlyWhere(
    hasNode('copy-before-write', 'snapshot-access'),
    someStep(
      'a copy of a snapshot-access node',
      ({ step, now }) =>
        'qmp' in step &&
        now.nodes.some(({ name, driver }) => driver === 'snapshot-access' && step.args?.device === name),
    ),
  ),
  ...onlyWhere(
    hasNode('copy-before-write', 'snapshot-access'),
    someStep('an export of a snapshot-access node', ({ step, now }) => {
      const exported = isCommand(step, 'block-export-add') ? step.args?.['node-name'] : undefined;
      return now.nodes.some(({ name, driver }) => driver === 'snapshot-access' && name === exported);
    }),
  ),
  someStep('a copy to where two nodes were opened by hand', (moment) => {
    const target = targetOf(moment);
    return target?.origin === 'added' && target.children.some((child) => isAdded(moment, child));
  }),
  ...['luks', 'qcow2'].flatMap((driver) =>
    onlyWhere(
      hasNode(driver),
      someStep(`a copy to a ${driver} image that was made for it`, (moment) => {
        const target = targetOf(moment);
        return target?.origin === 'added' && target.driver === driver && moment.before.some(isCreation);
      }),
    ),
  ),
  ...onlyWhere(
    hasDestination,
    someDisk('a disk at the destination', ({ servedBy }) => servedBy === 'destination'),
  ),
  cutOff('cut off', 'block-job-cancel'),
  cutOff('pivoted', 'block-job-complete'),
  ...onlyWhere(
    hasCommand('migrate'),
    someStep(
      'migrate while a job works',
      ({ step, now }) => isCommand(step, 'migrate') && now.jobs.some(isJob),
    ),
    ...onlyWhere(
      hasDestination,
      someStep(
        'migrate to a second QEMU',
        ({ step, now }) => isCommand(step, 'migrate') && now.arena.incoming !== undefined,
      ),
      ...(['own', 'shared'] as const).map((incoming) =>
        someStep(
          `migrate to a second QEMU, ${incoming} disks`,
          ({ step, now }) => isCommand(step, 'migrate') && now.arena.incoming === incoming,
        ),
      ),
    ),
    someStep('migrate, bitmaps along', ({ step }) => asksFor(step, 'dirty-bitmaps')),
    someStep('block-bitmap-mapping', ({ step }) => {
      return isCommand(step, 'migrate-set-parameters') && step.args?.['block-bitmap-mapping'] !== undefined;
    }),
    ...onlyWhere(
      hasCommand('migrate', 'channels'),
      someStep('migrate to a file', ({ step }) => {
        return isCommand(step, 'migrate') && step.args?.channels !== undefined;
      }),
    ),
    someStep(
      'migrate that fails',
      ({ step }) => isCommand(step, 'migrate') && step.args?.uri === 'exec:false',
    ),
    hasPair('cont after migrate', 'migrate', 'cont'),
    hasPair('a job after cont', 'cont', 'blockdev-mirror'),
    someStep('migrate with a booted guest', ({ step, now }) => {
      return isCommand(step, 'migrate') && now.arena.machine === 'pc';
    }),
  ),
  ...['migrate-continue', 'migrate', 'migrate_cancel', 'migrate-set-capabilities'].map(soundly),
];
