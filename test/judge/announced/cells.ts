import type { Disk, Errno, Inject } from '../../../src/sequence/arena.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import type { Json, Step } from '../../../src/sequence/step.ts';

/** The jobs that copy between disks, as they are started; `drive-` ones open their target by its file name. */
export const jobs = [
  'blockdev-mirror',
  'drive-mirror',
  'block-commit',
  'active block-commit',
  'block-stream',
  'blockdev-backup',
  'drive-backup',
] as const;
export type Job = (typeof jobs)[number];

export const sides = ['read', 'write'] as const;
export type Side = (typeof sides)[number];

/** What a policy makes of an error: block_job_error_action of blockjob.c. */
export const policies = [
  { policy: 'report', errno: 'EIO', action: 'report' },
  { policy: 'ignore', errno: 'EIO', action: 'ignore' },
  { policy: 'stop', errno: 'EIO', action: 'stop' },
  { policy: 'enospc', errno: 'ENOSPC', action: 'stop' },
  { policy: 'enospc', errno: 'EIO', action: 'report' },
  { policy: 'auto', errno: 'ENOSPC', action: 'stop' },
  { policy: 'auto', errno: 'EIO', action: 'report' },
] as const satisfies readonly { policy: string; errno: Errno; action: string }[];
export type Policy = (typeof policies)[number];
export type Action = Policy['action'];

export const actions = ['report', 'ignore', 'stop'] as const satisfies readonly Action[];

/** The target of such a job is a file that it opens itself: no step and no layer gets between. */
export const canFail = (job: Job, side: Side): boolean => side === 'read' || !job.startsWith('drive-');

const sizeBytes = 2 ** 20;

/** One error of that side, met once, and the job followed to its end. The guest looks at its disk afterwards. */
export function sequenceOf(job: Job, side: Side, { policy, errno, action }: Policy): Sequence {
  const one = { 'on-error': policy };
  const ofSide = { [side === 'read' ? 'on-source-error' : 'on-target-error']: policy };
  const arena = (readsFrom: Partial<Disk>[], failing: number, error: Partial<Inject>): Disk[] =>
    readsFrom.map((disk, i) => ({
      name: `d${i}`,
      format: 'raw',
      sizeBytes,
      ...disk,
      ...(i === failing ? { layers: [{ blkdebug: [{ errno, once: true, ...error }] }] } : {}),
    }));
  const full = { fill: 'full' } as const;
  const guest = { ...full, frontend: 'nbd' } as const;
  const pairOf = (): Disk[] => arena([guest, {}], side === 'read' ? 0 : 1, { iotype: side });
  const id = { 'job-id': 'j0' };
  switch (job) {
    case 'blockdev-mirror':
      return followed(pairOf(), 'blockdev-mirror', {
        ...id,
        device: 'd0',
        target: 'd1',
        sync: 'full',
        ...ofSide,
      });
    case 'blockdev-backup':
      return followed(pairOf(), 'blockdev-backup', {
        ...id,
        device: 'd0',
        target: 'd1',
        sync: 'full',
        ...ofSide,
      });
    case 'drive-mirror':
    case 'drive-backup':
      return followed(pairOf().slice(0, 1), job, {
        ...id,
        device: 'd0',
        target: { newFile: 'copy.raw' },
        format: 'raw',
        sync: 'full',
        ...ofSide,
      });
    case 'active block-commit':
      return followed(chained(2), 'block-commit', { ...id, device: 'd1', 'base-node': 'd0', ...one });
    case 'block-commit':
      return followed(chained(3), 'block-commit', {
        ...id,
        device: 'd2',
        'top-node': 'd1',
        'base-node': 'd0',
        ...one,
      });
    case 'block-stream':
      return followed(
        arena(
          [full, { format: 'qcow2', backing: 'd0', frontend: 'nbd' }],
          side === 'read' ? 0 : 1,
          side === 'read' ? { iotype: 'read' } : { event: 'write_aio' },
        ),
        'block-stream',
        { ...id, device: 'd1', ...one },
      );
  }

  /** A raw base and overlays: reads of the committed one fail where it reads data, and not where its tables lie. */
  function chained(depth: number): Disk[] {
    const overlays = Array.from(
      { length: depth - 1 },
      (_, i): Partial<Disk> => ({
        format: 'qcow2',
        backing: `d${i}`,
        fill: i + 2 === depth ? 'seeded' : 'full',
        ...(i + 2 === depth ? { frontend: 'nbd' } : {}),
      }),
    );
    return arena(
      [full, ...overlays],
      side === 'read' ? 1 : 0,
      side === 'read' ? { event: 'read_aio' } : { iotype: 'write' },
    );
  }

  function followed(disks: Disk[], qmp: string, args: Record<string, Json>): Sequence {
    const getsReady = qmp.includes('mirror') || job === 'active block-commit';
    const met = (what: 'READY' | 'gone' | 'paused'): Step => ({
      await: what,
      job: 'j0',
      deadlineMs: 2000,
      expect: 'met',
    });
    const ends: Step[] = getsReady
      ? [met('READY'), { qmp: 'job-complete', args: { id: 'j0' }, expect: 'ok' }, met('gone')]
      : [met('gone')];
    const resumed: Step[] = [
      met('paused'),
      { qmp: 'query-block-jobs' },
      { qmp: 'job-resume', args: { id: 'j0' }, expect: 'ok' },
    ];
    const steps: Step[] = [
      { qmp, args, expect: 'ok' },
      ...(action === 'stop' ? resumed : []),
      ...(action === 'report' ? [met('gone')] : ends),
      {
        guest: 'read',
        disk: disks.find(({ frontend }) => frontend)?.name ?? '',
        offsetBytes: 0,
        lengthBytes: sizeBytes,
      },
    ];
    const isCopied = job.startsWith('drive-') && action !== 'report';
    const copy = { file: 'copy.raw', format: 'raw' } as const;
    // Reading them takes longer than all else.
    const isRead = policy === action;
    const after: NonNullable<Sequence['after']> = [
      ...(isRead ? disks.map(({ name }) => ({ content: name })) : []),
      ...(isRead && isCopied ? [{ same: ['d0', copy] as ['d0', typeof copy] }] : []),
    ];
    return { schema: 1, title: `${job} ${side} ${policy} ${errno}`, arena: { disks }, steps, after };
  }
}
