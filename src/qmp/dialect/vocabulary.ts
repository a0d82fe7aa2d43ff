import type { Dialect } from '../../sequence/sequence.ts';
import { checked } from './commands/checked.ts';
import { namedAfterDevice } from './commands/named-after-device.ts';
import { queryBlockJobs } from './commands/query-block-jobs.ts';
import { queryCommands } from './commands/query-commands.ts';
import { driveMirrorMembers, redhatDriveMirror } from './commands/redhat-drive-mirror.ts';
import { driveReopenMembers, redhatDriveReopen } from './commands/redhat-drive-reopen.ts';
import { setSpeedByValue, setSpeedMembers } from './commands/set-speed-by-value.ts';
import { transaction } from './commands/transaction.ts';
import { isAbsent } from './era.ts';
import { commandNotFound } from './failures.ts';
import { type Members, misfit } from './members.ts';
import { refuse, type Translate } from './translation.ts';

/** How a command of the dialect is carried out; undefined where it goes to QEMU as it is. */
export function translationOf(dialect: Dialect, name: string): Translate | undefined {
  if (isAbsent(dialect, name)) return () => refuse(commandNotFound(name));
  const word = wordOf(dialect, name);
  if (!word?.members) return word?.translate;
  const { members, translate } = word;
  return (args, world) => {
    const wrong = misfit(args, members, dialect);
    return wrong ? refuse(wrong) : translate(args, world);
  };
}

/** What the dialect's command takes, where that is looked at here. */
export const membersOf = (dialect: Dialect, name: string): Members | undefined =>
  wordOf(dialect, name)?.members;

const wordOf = (dialect: Dialect, name: string): Word | undefined =>
  Object.hasOwn(words[dialect], name) ? words[dialect][name] : undefined;

type Word = { members?: Members; translate: Translate };

/** A command that has kept its name, and may have got members since. */
const asToday = (name: string, members: Members): Word => ({ members, translate: checked(name) });

const starting = (name: string, members: Members): Word => ({
  members,
  translate: namedAfterDevice(name),
});

/*
 * RHEL 6.3: qemu-monitor.hx of its qemu-kvm, and the test plan of 2012. RHEL 7: qapi-schema.json of QEMU 1.5.3.
 */
const words: Record<Dialect, Record<string, Word>> = {
  rhel6: {
    '__com.redhat_drive-mirror': { members: driveMirrorMembers, translate: redhatDriveMirror },
    '__com.redhat_drive-reopen': { members: driveReopenMembers, translate: redhatDriveReopen },
    block_job_set_speed: { members: setSpeedMembers, translate: setSpeedByValue },
    'block-job-set-speed': asToday('block-job-set-speed', { device: 'string', speed: 'int' }),
    'block-job-cancel': asToday('block-job-cancel', { device: 'string' }),
    'block-stream': starting('block-stream', { device: 'string', base: 'string?', speed: 'int?' }),
    'query-block-jobs': { translate: queryBlockJobs },
    'query-commands': { translate: queryCommands },
    transaction: { translate: transaction },
  },
  rhel7: {
    'drive-mirror': starting('drive-mirror', {
      device: 'string',
      target: 'string',
      format: 'string?',
      sync: 'string',
      mode: 'string?',
      speed: 'int?',
      granularity: 'int?',
      'buf-size': 'int?',
      'on-source-error': 'string?',
      'on-target-error': 'string?',
    }),
    'block-commit': starting('block-commit', {
      device: 'string',
      base: 'string?',
      top: 'string',
      speed: 'int?',
    }),
    'block-stream': starting('block-stream', {
      device: 'string',
      base: 'string?',
      speed: 'int?',
      'on-error': 'string?',
    }),
    'query-block-jobs': { translate: queryBlockJobs },
    'query-commands': { translate: queryCommands },
    transaction: { translate: transaction },
  },
};
