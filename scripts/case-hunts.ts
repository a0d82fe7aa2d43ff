import type { StoredFinding } from '../src/findings/stored.ts';
import type { Trace } from '../src/trace/observation.ts';

/** Where a case's defect is to be found, and whether a finding is that defect: by what it says, not by what it resembles. */
export type CaseHunt = {
  name: string;
  /** A version that has it. */
  qemu: string;
  properties: readonly string[];
  is(found: StoredFinding): boolean;
};

export const caseHunts: readonly CaseHunt[] = [
  {
    name: 'drive-backup-refused-in-transaction',
    qemu: 'debian:bullseye',
    properties: ['all-or-nothing', 'transactions', 'refusals'],
    is: (found) => found.finding.kind === 'hang' && hasRefusedDriveBackup(found),
  },
  {
    name: 'guest-request-never-ends',
    qemu: 'debian:bullseye',
    properties: ['all-or-nothing', 'transactions', 'refusals'],
    is: (found) => found.finding.rule === 'hang/guest-request' && hasRefusedDriveBackup(found),
  },
  {
    name: 'mirror-above-a-filter-after-resize',
    qemu: 'debian:trixie',
    properties: ['filters', 'flows'],
    is: ({ finding }) => finding.rule === 'graph/filter-size',
  },
  {
    name: 'migrate-while-a-backup-runs',
    qemu: 'debian:bullseye',
    properties: ['migration'],
    is: (found) =>
      /bdrv_co_write_req_prepare: !\(bs->open_flags & BDRV_O_INACTIVE\)/.test(found.finding.signature) &&
      hadJobWhenItLeft(found),
  },
  {
    name: 'nbd-client-leaves-disk-in-iothread',
    qemu: '7.2.22',
    properties: ['iothreads'],
    is: ({ finding }) => /nbd_blockdev_client_closed/.test(finding.signature),
  },
  {
    // What a commit beside a guest's requests shows on 7.2 is the same assertion; 8.0 to 8.2 had one of its own.
    name: 'commit-in-a-loop-under-guest-io',
    qemu: '7.2.22',
    properties: ['iothreads', 'flows'],
    is: ({ finding }) => /nbd_blockdev_client_closed/.test(finding.signature),
  },
  {
    name: 'snapshot-with-memory-then-mirror',
    qemu: 'debian:trixie',
    properties: ['migration'],
    is: ({ finding }) => finding.rule === 'graph/active-after-cont',
  },
];

/** Cases that hunts draw, too, and of which no version here has a defect. */
export const withoutHunt: Readonly<Record<string, string>> = {
  'sparse-copy-stays-sparse':
    'nothing to find: what older versions do, they never promised (the rule has `since`)',
  'commit-keeps-zeroes-sparse':
    'nothing to find: what older versions do, they never promised (the rule has `since`)',
  'backing-format-of-streamed-overlay':
    'nothing to find: without `backing-mask-protocol` the header may say "file", as documented',
  'stream-through-a-filter': 'nothing to find: all versions do it right, a violation is a false alarm',
  'two-nodes-one-file': 'nothing to find: all versions do it right, a violation is a false alarm',
};

/** A transaction with a `drive-backup` in it was refused. */
const hasRefusedDriveBackup = (found: StoredFinding): boolean => {
  const trace = found.trace();
  const asked = trace.flatMap((seen) =>
    seen.kind === 'command' && seen.name === 'transaction' && /"drive-backup"/.test(JSON.stringify(seen.args))
      ? [seen.id]
      : [],
  );
  return trace.some((seen) => seen.kind === 'reply' && seen.error && asked.some((id) => id === seen.id));
};

/** A job ran on when the machine, whose migration had come through, was stopped for good: nothing set it going again. */
const hadJobWhenItLeft = (found: StoredFinding): boolean => {
  const trace = found.trace();
  const stopped = trace.findLastIndex((seen) => seen.kind === 'event' && seen.name === 'STOP');
  const isBackAgain = trace.slice(stopped).some((seen) => seen.kind === 'event' && seen.name === 'RESUME');
  const isGone = trace.some((seen) => seen.kind === 'command' && seen.name === 'migrate');
  return stopped !== -1 && isGone && !isBackAgain && runningAt(trace, stopped).length > 0;
};

function runningAt(trace: Trace, place: number): string[] {
  const statuses = new Map<string, string>();
  for (const seen of trace.slice(0, place))
    if (seen.kind === 'event' && seen.name === 'JOB_STATUS_CHANGE')
      statuses.set(String(seen.data.id), String(seen.data.status));
  return [...statuses]
    .filter(([, status]) => /^(running|ready|paused|standby)$/.test(status))
    .map(([id]) => id);
}
