import type { Dialect } from '../../../src/sequence/sequence.ts';
import type { Json } from '../../../src/sequence/step.ts';
import { driveAdd } from '../../../src/target/guest/hmp.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';
import { story } from '../story.ts';

export const device = 'drive-src';
const mirrored = { device, target: '/sn1', format: 'qcow2', full: true };

/** What the client saw, from the first step on; commands are those of steps unless they are the interpreter's own. */
export function session(dialect: Dialect, version: string, ...seen: object[]): Trace {
  const arena = {
    disks: [{ name: 'src', format: 'qcow2' as const, sizeBytes: 65_536, frontend: 'drive' as const }],
  };
  const [opened, phase] = story('', { version, flavour: 'system', arena });
  if (opened?.kind !== 'opened') throw new Error('a story opens');
  const sequence = { ...opened.sequence, dialect };
  const line = driveAdd({ id: device, file: '/src', format: 'qcow2', nodeName: 'src' });
  const setUp = [
    { kind: 'phase', phase: 'set-up' },
    { kind: 'command', id: 's', name: 'human-monitor-command', args: { 'command-line': line } },
    { kind: 'reply', id: 's', return: 'OK\r\n' },
  ];
  return [{ ...opened, sequence }, ...setUp, phase, ...seen].map(
    (each, i) => ({ ...each, us: i }) as unknown as Observation,
  );
}

let ids = 0;
export const said = (name: string, args: Record<string, Json>, ...answer: object[]): object[] => {
  const id = `m${++ids}`;
  return [
    { kind: 'command', id, name, args, step: 0 },
    ...answer.map((each) => ('kind' in each ? each : { kind: 'reply', id, ...each })),
  ];
};
export const ok = { return: {} };
export const failed = (name: string, desc: string): object => ({ error: { class: name, desc } });
export const event = (name: string, more: object = {}): object => ({
  kind: 'event',
  name: `BLOCK_JOB_${name}`,
  data: { device, len: 100, offset: 100, speed: 0, type: 'mirror', ...more },
  qemuUs: 1,
});

const started = said('__com.redhat_drive-mirror', mirrored, ok);
export const steady = [...started, event('READY')];
const reopen = (...answer: object[]): object[] =>
  said('__com.redhat_drive-reopen', { device, 'new-image-file': '/sn1' }, ...answer);
export const shown = (...jobs: object[]): object[] => said('query-block-jobs', {}, { return: jobs });
const job = { device, len: 100, offset: 100, speed: 0, type: 'mirror' };

export const sound: Record<string, object[]> = {
  'a mirror that is reopened onto its target': [
    ...steady,
    ...shown(job),
    ...reopen(event('COMPLETED'), ok),
    ...shown(),
  ],
  'a mirror that is cancelled before it is ready': [
    ...started,
    ...said('block-job-cancel', { device }, ok),
    event('CANCELLED', { offset: 50 }),
    ...shown(),
  ],
  'a mirror that is cancelled when it is ready': [
    ...steady,
    ...said('block-job-cancel', { device }, ok),
    event('COMPLETED'),
  ],
  'a mirror that gets ready while the device is reopened onto another image': [
    ...started,
    ...said(
      '__com.redhat_drive-reopen',
      { device, 'new-image-file': '/sn2' },
      event('READY'),
      event('COMPLETED'),
      ok,
    ),
  ],
  'a mirror that ends before its start is answered': said(
    '__com.redhat_drive-mirror',
    mirrored,
    event('COMPLETED', { error: 'Input/output error' }),
    ok,
  ),
  'a reopen of a mirror that is not ready': [
    ...started,
    ...reopen(event('CANCELLED', { offset: 50 }), failed('DeviceInUse', `Device '${device}' is in use`)),
  ],
  'a second mirror of the device': [
    ...started,
    ...said(
      '__com.redhat_drive-mirror',
      mirrored,
      failed('GenericError', "Job ID 'drive-src' already in use"),
    ),
    ...shown(job),
  ],
  'a new limit': [
    ...started,
    ...said('block_job_set_speed', { device, value: 5 }, ok),
    event('READY', { speed: 5 }),
    ...shown({ ...job, speed: 5 }),
  ],
  'a limit for one that is about to end': [
    ...steady,
    ...said('block-job-cancel', { device }, ok),
    ...said(
      'block_job_set_speed',
      { device, value: 5 },
      failed('GenericError', `Job '${device}' in state 'pending' cannot accept command verb 'set-speed'`),
    ),
    event('COMPLETED'),
  ],
  'a limit for one that is about to be cancelled': [
    ...started,
    ...said('block-job-cancel', { device }, ok),
    ...said(
      'block_job_set_speed',
      { device, value: 5 },
      failed('GenericError', `Job '${device}' in state 'aborting' cannot accept command verb 'set-speed'`),
    ),
    event('CANCELLED', { offset: 50 }),
  ],
  'a second mirror when the first is over': [
    ...steady,
    ...said('block-job-cancel', { device }, ok),
    event('COMPLETED'),
    ...said('__com.redhat_drive-mirror', mirrored, ok),
    event('READY'),
  ],
};

export const wrong: [rule: string, what: string, seen: object[]][] = [
  ['state/ready-announced', 'READY comes twice', [...steady, event('READY')]],
  [
    'state/soft-cancel-completes',
    'a mirror in steady state that is cancelled softly is CANCELLED',
    [...steady, ...said('block-job-cancel', { device }, ok), event('CANCELLED')],
  ],
  [
    'state/early-cancel-cancels',
    'a mirror that is cancelled before it is ready is COMPLETED',
    [...started, ...said('block-job-cancel', { device }, ok), event('COMPLETED')],
  ],
  [
    'state/cancelled-unprovoked',
    'a mirror is CANCELLED, though nobody cancelled it',
    [...steady, event('CANCELLED')],
  ],
  [
    'state/completed-unasked',
    'a mirror in steady state completes, though nobody asked for it',
    [...steady, event('COMPLETED')],
  ],
  [
    'state/nothing-after-null',
    'a job is heard of after its end',
    [...steady, ...reopen(event('COMPLETED'), ok), event('READY')],
  ],
  [
    'state/verb-reply',
    'set-speed does not find a job that is there',
    [
      ...started,
      ...said('block_job_set_speed', { device, value: 1 }, failed('DeviceNotActive', 'Block job not found')),
    ],
  ],
  ['state/query-lists-jobs', 'query-block-jobs does not show a job that is there', [...steady, ...shown()]],
  [
    'state/query-lists-jobs',
    'query-block-jobs shows a job that is over',
    [...steady, ...reopen(event('COMPLETED'), ok), ...shown(job)],
  ],
  [
    'state/event-fields',
    'the speed is not the one that was set',
    [...steady, ...said('block_job_set_speed', { device, value: 5 }, ok), ...shown(job)],
  ],
  ['state/progress-bounds', 'offset is beyond len', [...started, event('READY', { offset: 101 })]],
  ['state/ready-at-len', 'READY comes before offset is len', [...started, event('READY', { offset: 99 })]],
  ['state/progress-grows', 'offset goes back', [...steady, ...shown(job), ...shown({ ...job, offset: 50 })]],
  [
    'validation/unknown-job',
    'a job that never was gets a speed',
    said('block_job_set_speed', { device, value: 1 }, ok),
  ],
  [
    'validation/dialect-members',
    'a member that came later is taken',
    said('__com.redhat_drive-mirror', { ...mirrored, granularity: 512 }, ok),
  ],
  [
    'validation/dialect-members',
    'a missing member is not missed',
    said('block_job_set_speed', { device }, ok),
  ],
  [
    'validation/dialect-members',
    'a member too many is refused with today’s class',
    said('block-stream', { device, x: 1 }, failed('GenericError', "Parameter 'x' is unexpected")),
  ],
  [
    'validation/reopen-after-end',
    'drive-reopen answers before the job is over',
    [...steady, ...reopen(ok), event('COMPLETED')],
  ],
  [
    'validation/reopen-after-end',
    'drive-reopen succeeds though the job was cancelled',
    [...started, ...reopen(event('CANCELLED', { offset: 50 }), ok)],
  ],
  [
    'validation/reopen-after-end',
    'the device is in use, though the job completed',
    [...steady, ...reopen(event('COMPLETED'), failed('DeviceInUse', `Device '${device}' is in use`))],
  ],
  [
    'crash/signal',
    'QEMU is killed by a signal',
    [...steady, { kind: 'exit', code: null, signal: 'SIGSEGV', asked: false }],
  ],
  [
    'hang/command',
    'drive-reopen is never answered',
    [...steady, ...reopen(), { kind: 'expired', what: 'command', id: `m${ids}`, deadlineMs: 5000, step: 0 }],
  ],
];
