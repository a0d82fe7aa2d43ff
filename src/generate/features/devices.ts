import { hasTrait } from '../../qemu/versions.ts';
import { deviceFrontends } from '../../sequence/arena.ts';
import { wantsGuest } from '../../sequence/machine.ts';
import { isOffered } from '../arenas/machines.ts';
import {
  type Feature,
  firstStart,
  hasCommand,
  isGuest,
  type Needs,
  onlyWhere,
  sends,
  someDisk,
  someStep,
} from './feature.ts';

const hasMachine: Needs = ({ flavour, without }) => flavour === 'system' && !without?.has('pc machine');
const hasDevice =
  (kind: (typeof deviceFrontends)[number]): Needs =>
  (binary) =>
    isOffered(kind, binary);
const hasQueues: Needs = ({ version }) => hasTrait(version, 'queues in iothreads');
const setsDrives: Needs = ({ version }) => hasTrait(version, 'drive of a live device');
const asked = (command: string): Feature[] => onlyWhere(hasCommand(command), sends(command));

/** Machines and what hangs on them. */
export const devices: readonly Feature[] = [
  ...onlyWhere(
    hasMachine,
    { name: 'a pc machine', holds: ({ sequence: { arena } }) => arena.machine === 'pc' },
    ...deviceFrontends.flatMap((kind) =>
      onlyWhere(
        hasDevice(kind),
        someDisk(`a disk on ${kind}`, ({ frontend }) => frontend === kind),
      ),
    ),
    someDisk(
      'a device in an iothread',
      ({ frontend, iothread }) => frontend !== 'nbd' && iothread !== undefined,
    ),
    ...onlyWhere(
      hasQueues,
      someDisk('a device with queues in iothreads', ({ queues }) => queues !== undefined),
    ),
    someDisk('a device on a -drive', ({ legacyDrive }) => legacyDrive === true),
    { name: 'a guest boots', holds: ({ sequence }) => wantsGuest(sequence) },
    someStep('a request by HMP', ({ step }) => isGuest(step) && step.via === 'hmp'),
    {
      name: 'a job while the machine boots',
      holds: (drawn) => {
        const first = firstStart(drawn);
        return drawn.moments.some(
          ({ step, at }) =>
            'qmp' in step && step.qmp === 'cont' && first !== undefined && Math.abs(at - first) <= 3,
        );
      },
    },
  ),
  { name: 'iothreads', holds: ({ sequence: { arena } }) => (arena.iothreads ?? []).length > 0 },
  someDisk('auto-read-only', ({ autoReadOnly }) => autoReadOnly === true),
  ...['stop', 'cont', 'system_reset', 'device_add', 'device_del'].flatMap(asked),
  ...onlyWhere(setsDrives, ...asked('qom-set')),
  ...['block_set_io_throttle', 'block-latency-histogram-set'].flatMap(asked),
  { name: 'MALLOC_PERTURB_', holds: ({ sequence: { arena } }) => arena.mallocPerturb !== undefined },
  {
    name: 'quit with exports, jobs and requests',
    holds: ({ moments }) => {
      const quit = moments.find(({ step }) => 'qmp' in step && step.qmp === 'quit');
      const isInFlight = moments.slice(-8).some(({ step }) => isGuest(step) && step.wait === false);
      return quit !== undefined && quit.now.exports.length > 0 && quit.now.jobs.length > 0 && isInFlight;
    },
  },
];
