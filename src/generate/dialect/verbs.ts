import type { Disk } from '../../sequence/arena.ts';
import type { Dialect } from '../../sequence/sequence.ts';
import type { Json, QmpStep, Step } from '../../sequence/step.ts';
import type { Flavour } from '../../trace/observation.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';

/** What the generator believes of the session. */
export type DialectSession = {
  dialect: Dialect;
  flavour: Flavour;
  disks: readonly Disk[];
  /** Images that the device has been on, the last the one that it is on now; a disk's name, or a file's. */
  images: string[];
  /** Files made so far. */
  files: number;
  job: { type: 'mirror' | 'stream'; target: Json; slow: boolean; paused: boolean } | undefined;
};

/** Something that a client of that time may do next. */
export type DialectVerb = {
  weight: number;
  fits(session: DialectSession): boolean;
  steps(draw: Draw, session: DialectSession): Step[];
};

const device: Json = { disk: 'src' };
const deadlineMs = limits.finishMirrorDeadlineMs;
const step = (qmp: string, args: Record<string, Json> = {}): QmpStep =>
  Object.keys(args).length > 0 ? { qmp, args } : { qmp };
const hasJob = ({ job }: DialectSession): boolean => job !== undefined;
const isIdle = ({ job }: DialectSession): boolean => job === undefined;
const mirrors = ({ job }: DialectSession): boolean => job?.type === 'mirror' && !job.paused;

export const verbs: readonly DialectVerb[] = [
  { weight: 6, fits: isIdle, steps: startMirror },
  { weight: 1, fits: (session) => isIdle(session) && session.images.length > 1, steps: startStream },
  { weight: 1, fits: (session) => isIdle(session) && isDrive(session), steps: snapshot },
  { weight: 1, fits: () => true, steps: () => [step('query-block-jobs')] },
  { weight: 3, fits: hasJob, steps: () => [{ await: 'READY', job: '#0', deadlineMs }] },
  { weight: 1, fits: hasJob, steps: () => [{ await: 'offset=len', job: '#0', deadlineMs }] },
  { weight: 2, fits: hasJob, steps: setSpeed },
  { weight: 2, fits: hasJob, steps: cancel },
  { weight: 3, fits: mirrors, steps: pivot },
  { weight: 1, fits: ({ dialect, job }) => dialect === 'rhel7' && job !== undefined, steps: pauseOrResume },
  { weight: 1, fits: (session) => session.dialect === 'rhel6' && isDrive(session), steps: reopenElsewhere },
  { weight: 3, fits: () => true, steps: guestRequest },
];

const isDrive = ({ disks, flavour }: DialectSession): boolean =>
  flavour === 'system' && disks[0]?.frontend === 'auto';

function startMirror(draw: Draw, session: DialectSession): Step[] {
  const { dialect } = session;
  const format = draw.oneOf(['qcow2', 'qcow2', 'raw'] as const);
  const existing = draw.chance(0.15);
  const slow = draw.chance(0.3);
  const whole = format === 'raw' || existing || draw.chance(0.6);
  const target: Json = existing ? { path: 'old' } : { newFile: fileName(session, format) };
  const common = {
    device,
    target,
    format: existing ? (session.disks[1]?.format ?? format) : format,
    ...draw.sometimes(existing ? 1 : 0.7, { mode: existing ? 'existing' : 'absolute-paths' }),
    ...(slow ? { speed: draw.oneOf([1, 65_536, 1_048_576]) } : draw.sometimes(0.2, { speed: 10_485_760 })),
  };
  session.job = { type: 'mirror', target, slow, paused: false };
  if (dialect === 'rhel6')
    return [
      step('__com.redhat_drive-mirror', {
        ...common,
        ...(whole ? { full: true } : draw.sometimes(0.7, { full: false })),
      }),
    ];
  return [
    step('drive-mirror', {
      ...common,
      sync: whole ? 'full' : 'top',
      ...draw.sometimes(0.3, { granularity: draw.oneOf([512, 4096, 65_536]) }),
      ...(slow ? { 'buf-size': 65_536 } : {}),
      ...draw.sometimes(0.3, { 'on-source-error': 'stop', 'on-target-error': 'stop' }),
    }),
  ];
}

const fileName = (session: DialectSession, format: string): string => `sn${++session.files}.${format}`;

function startStream(draw: Draw, session: DialectSession): Step[] {
  const slow = draw.chance(0.4);
  session.job = { type: 'stream', target: null, slow, paused: false };
  return [step('block-stream', { device, ...(slow ? { speed: draw.oneOf([1, 65_536]) } : {}) })];
}

function snapshot(draw: Draw, session: DialectSession): Step[] {
  const file = fileName(session, 'qcow2');
  session.images.push(file);
  const mode = draw.sometimes(0.5, { mode: 'absolute-paths' });
  return [
    step('blockdev-snapshot-sync', { device, 'snapshot-file': { newFile: file }, format: 'qcow2', ...mode }),
  ];
}

function setSpeed(draw: Draw, session: DialectSession): Step[] {
  const speed = draw.oneOf([0, 0, 1, 1024, 10_485_760]);
  if (session.job) session.job.slow &&= speed !== 0;
  const old = session.dialect === 'rhel6' && draw.chance(0.8);
  return [
    old
      ? step('block_job_set_speed', { device, value: speed })
      : step('block-job-set-speed', { device, speed }),
  ];
}

function cancel(draw: Draw, session: DialectSession): Step[] {
  const forced: Record<string, Json> =
    session.dialect === 'rhel7' ? draw.sometimes(0.3, { force: true }) : {};
  if (!session.job?.paused || forced.force) session.job = undefined;
  return [
    step('block-job-cancel', { device, ...forced }),
    ...(draw.anyOf([[], [{ await: 'gone' as const, job: '#0', deadlineMs }]]) ?? []),
  ];
}

/** drive-reopen answers when the mirror has ended: what holds it back is lifted first. */
function pivot(draw: Draw, session: DialectSession): Step[] {
  const { job, dialect } = session;
  if (!job) return [];
  const ready: Step[] = draw.chance(0.8) ? [{ await: 'READY', job: '#0', deadlineMs }] : [];
  session.job = undefined;
  if (dialect === 'rhel7') return [...ready, step('block-job-complete', { device })];
  return [
    step('block_job_set_speed', { device, value: 0 }),
    ...ready,
    step('__com.redhat_drive-reopen', { device, 'new-image-file': job.target, ...formatOf(job.target) }),
  ];
}

/** Back to an image of before, or the one that the device is on: section 4 of the test plan. */
function reopenElsewhere(draw: Draw, session: DialectSession): Step[] {
  const image = (draw.chance(0.8) ? session.images.at(-1) : draw.anyOf(session.images)) ?? 'src';
  const file: Json = image === 'src' ? { path: 'src' } : { newFile: image };
  const lift = session.job ? [step('block_job_set_speed', { device, value: 0 })] : [];
  session.job = undefined;
  return [...lift, step('__com.redhat_drive-reopen', { device, 'new-image-file': file, ...formatOf(file) })];
}

function formatOf(file: Json): { format?: string } {
  const match = /\.(qcow2|raw)"/.exec(JSON.stringify(file));
  return match ? { format: match[1] as string } : {};
}

function pauseOrResume(_: Draw, session: DialectSession): Step[] {
  if (!session.job) return [];
  session.job.paused = !session.job.paused;
  return [step(session.job.paused ? 'block-job-pause' : 'block-job-resume', { device })];
}

function guestRequest(draw: Draw, { disks }: DialectSession): Step[] {
  const blocks = Math.floor((disks[0]?.sizeBytes ?? 0) / 4096);
  if (blocks === 0) return [step('query-block-jobs')];
  const at = draw.int(0, blocks - 1);
  const length = 4096 * draw.int(1, Math.min(16, blocks - at));
  const place = { disk: 'src', offsetBytes: at * 4096, lengthBytes: length };
  return [{ guest: draw.oneOf(['write', 'write', 'write', 'zero', 'read'] as const), ...place }];
}
