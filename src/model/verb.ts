import type { JobVerb } from '../qemu/card.ts';
import type { VerbName } from '../qemu/cards.ts';
import { hasTrait } from '../qemu/versions.ts';
import type { Json } from '../sequence/step.ts';
import { type StatusOrAbsent, verbAllowed } from './job-machine.ts';
import { isBlockJobType } from './job-start.ts';
import type { World } from './world.ts';

export type ErrorClass =
  | 'GenericError'
  | 'CommandNotFound'
  | 'DeviceNotActive'
  | 'DeviceNotFound'
  | 'KVMMissingCap';

/** What a handler must answer in one world and one status; several where it may do either. */
export type Expected = { ok: World } | { error: ErrorClass; desc?: string };

export type JobSituation = {
  id: string;
  world: World;
  status: StatusOrAbsent;
  args: Record<string, Json>;
  version: string;
  /** As events and queries call it: mirror, commit, create. */
  type: string;
  spelling: Spelling;
  /** The node that a mirror's target is to take the place of, by name (`replaces`), where it may be gone. */
  replacedGone?: string | undefined;
};

/** `job-*` takes any job and says GenericError for an unknown one, `block-job-*` block jobs and DeviceNotActive. */
export type Spelling = JobVerb['spelling'];

export type VerbModel = { name: VerbName; expect(situation: JobSituation): Expected[] };

/** The checks that come before a verb's own: is there such a job, and does its status take the verb. */
export function refusedOutright(
  verb: VerbName,
  { id, status, version, type, spelling }: JobSituation,
): Expected[] | undefined {
  const notFound: Expected[] =
    spelling === 'job'
      ? [{ error: 'GenericError', desc: 'Job not found' }]
      : [{ error: 'DeviceNotActive', desc: `Block job '${id}' not found` }];
  if (status === 'absent' || status === 'null' || status === 'undefined') {
    // A handler that waits for the job's AioContext may wake to a job that is null by then.
    const late = {
      error: 'GenericError',
      desc: `Job '${id}' in state 'null' cannot accept command verb '${verb}'`,
    } as const;
    return hasTrait(version, 'no late handlers') ? notFound : [...notFound, late];
  }
  if (spelling === 'block-job' && !isBlockJobType(type)) return notFound;
  if (verbAllowed(verb, status, version)) return undefined;
  return [
    { error: 'GenericError', desc: `Job '${id}' in state '${status}' cannot accept command verb '${verb}'` },
  ];
}
