import type { Json } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import { statusChange } from '../../trace/observation.ts';

/** Names that a sequence chose, each with what it names: JOB, DISK, NODE, FILTER, EXPORT, BITMAP. */
export type OwnNames = ReadonlyMap<string, string>;

/** Every name of ours in a trace; layers of a disk keep their suffix (DISK-file). */
export function ownNames(trace: Trace): OwnNames {
  const names = new Map<string, string>();
  for (const seen of trace) {
    if (seen.kind === 'command') noteArguments(seen.args, names);
    const job = statusChange(seen);
    if (job) names.set(job.id, 'JOB');
  }
  const opened = trace[0];
  if (opened?.kind !== 'opened') return names;
  for (const { name } of opened.sequence.arena.disks) {
    names.set(name, 'DISK');
    names.set(`drive-${name}`, 'DRIVE');
    names.set(`export-${name}`, 'EXPORT');
    for (const layer of ['file', 'throttle', 'blkdebug', 'room', 'prealloc', 'fault', 'valve'])
      names.set(`${name}-${layer}`, `DISK-${layer}`);
  }
  return names;
}

const roles: Record<string, string | undefined> = {
  'job-id': 'JOB',
  'node-name': 'NODE',
  'snapshot-node-name': 'NODE',
  'filter-node-name': 'FILTER',
};

function noteArguments(value: Json, names: Map<string, string>): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    const role = roles[key];
    if (role !== undefined && typeof inner === 'string' && inner !== '' && !names.has(inner))
      names.set(inner, role);
    else noteArguments(inner, names);
  }
}
