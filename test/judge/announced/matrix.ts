import { type Action, actions, canFail, type Job, jobs, type Side, sides } from './cells.ts';

/** What follows from an error that a job has announced: what happens to the job, and what it says and leaves then. */
export const aspects = ['action', 'outcome', 'error', 'figures', 'content', 'in time'] as const;
export type Aspect = (typeof aspects)[number];

/** The rules that decide it; or why none does. `but`: with which policies they don't, and why. */
export type Decision = { rules: readonly string[]; but?: string } | { none: string };

export type Cell = { job: Job; side: Side; action: Action; aspect: Aspect };

/** Every cell that there is. */
export const cells: readonly Cell[] = jobs.flatMap((job) =>
  sides.flatMap((side) =>
    actions.flatMap((action) => aspects.map((aspect) => ({ job, side, action, aspect }))),
  ),
);

/** What decides a cell; undefined where nobody has said. */
export function decisionOf(cell: Cell): Decision | undefined {
  if (!canFail(cell.job, cell.side))
    return { none: 'it opens its target itself, by name: nothing that fails can be put between' };
  return decisions[cell.aspect](cell);
}

const opensTarget = (job: Job): boolean => job.startsWith('drive-');
const getsReady = (job: Job): boolean => job.endsWith('-mirror') || job === 'active block-commit';

const decisions: Record<Aspect, (cell: Cell) => Decision | undefined> = {
  action: ({ job, side }) =>
    opensTarget(job)
      ? {
          rules: ['state/error-policy'],
          but: 'with enospc and auto undecided, since its own target may fail for other reasons',
        }
      : { rules: ['state/error-policy', ...(side === 'read' ? ['state/error-caused'] : [])] },
  outcome: ({ job, action }) => outcome[action](job),
  error: ({ job, action }) => {
    if (action !== 'report')
      return { rules: [action === 'ignore' && isStream(job) ? 'state/error-named' : 'state/failure-named'] };
    if (opensTarget(job))
      return { none: 'its own target may fail for other reasons, and then that is what it names' };
    return {
      rules: ['state/error-named', ...(job.startsWith('blockdev-') ? ['state/error-announced'] : [])],
    };
  },
  figures: ({ job, side, action }) => {
    if (action === 'report')
      return side === 'read' || isStream(job)
        ? { rules: ['state/reported-error-short'] }
        : { none: 'what fails may be the flush at the end, and then offset is len' };
    if (action === 'ignore' && isStream(job)) return { rules: ['state/ignoring-stream-goes-on'] };
    return { rules: ['state/completed-at-len', ...(getsReady(job) ? ['state/ready-at-len'] : [])] };
  },
  content: ({ job, side, action }) =>
    action === 'report' ? { rules: ['integrity/guest-disk'] } : { rules: copied[job](side, action) },
  'in time': ({ action }) => ({ rules: inTime[action] }),
};

const isStream = (job: Job): boolean => job === 'block-stream';

const outcome: Record<Action, (job: Job) => Decision> = {
  report: (job) => ({
    rules: [
      'state/reported-error-fails',
      'state/failure-named',
      ...(getsReady(job) ? ['state/reported-error-ends'] : []),
    ],
  }),
  ignore: (job) => ({
    rules: [isStream(job) ? 'state/ignored-error-of-stream' : 'state/ignored-error-retried'],
  }),
  stop: (job) => ({
    rules: ['state/error-stops', 'state/query-paused', ...(opensTarget(job) ? [] : ['state/io-status'])],
  }),
};

/** Nothing is skipped, after a retry or a resume. */
const copied: Record<Job, (side: Side, action: Action) => readonly string[]> = {
  'blockdev-mirror': () => ['integrity/mirror-copy', 'integrity/guest-disk'],
  'drive-mirror': () => ['integrity/mirror-copy', 'claim/image'],
  'blockdev-backup': () => ['integrity/backup', 'integrity/guest-disk'],
  'drive-backup': () => ['claim/image'],
  'block-commit': () => ['integrity/stream-commit'],
  // Its base is the guest's disk then.
  'active block-commit': (side) => (side === 'read' ? ['integrity/guest-disk'] : ['integrity/stream-commit']),
  // Of a qcow2 image that a write has failed on only what the guest reads is certain.
  'block-stream': (side, action) =>
    side === 'write' && action === 'stop' ? ['integrity/guest-read'] : ['integrity/guest-disk'],
};

const inTime: Record<Action, readonly string[]> = {
  report: ['hang/reported-error'],
  ignore: ['hang/stalled'],
  stop: ['hang/error-stop', 'hang/resume'],
};
