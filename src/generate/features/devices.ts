import { deviceFrontends } from '../../sequence/arena.ts';
import { wantsGuest } from '../../sequence/machine.ts';
import { type Feature, firstStart, isGuest, sends, someDisk, someStep } from './feature.ts';

/** Machines and what hangs on them. */
export const devices: readonly Feature[] = [
  { name: 'a pc machine', holds: ({ sequence: { arena } }) => arena.machine === 'pc' },
  { name: 'iothreads', holds: ({ sequence: { arena } }) => (arena.iothreads ?? []).length > 0 },
  ...deviceFrontends.map((kind) => someDisk(`a disk on ${kind}`, ({ frontend }) => frontend === kind)),
  someDisk(
    'a device in an iothread',
    ({ frontend, iothread }) => frontend !== 'nbd' && iothread !== undefined,
  ),
  someDisk('a device with queues in iothreads', ({ queues }) => queues !== undefined),
  someDisk('a device on a -drive', ({ legacyDrive }) => legacyDrive === true),
  someDisk('auto-read-only', ({ autoReadOnly }) => autoReadOnly === true),
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
  sends('stop'),
  sends('cont'),
  sends('system_reset'),
  sends('device_add'),
  sends('device_del'),
  sends('qom-set'),
  sends('block_set_io_throttle'),
  sends('block-latency-histogram-set'),
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
