import { isJobStart, jobOptions } from '../../model/job-start.ts';
import type { Json } from '../../sequence/step.ts';
import type { LeftBy } from '../facts/left.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';

/**
 * The job that has left nodes, or files, behind. They are seldom forgotten where all goes well: the first job on them
 * that did not, else the last. What comes after it may fail because of what it forgot, and a pivot hands that on to nodes
 * that nobody named. `names`: of what is left.
 */
export function culprit(evidence: Evidence, names: readonly string[]): LeftBy | undefined {
  const starts = evidence.exchanges.filter(({ name }) => isJobStart(name)).map(told);
  const nodes = new Set(names);
  const users = starts.filter(({ args }) => mentions(args, nodes));
  const failed = ({ by }: Started): boolean => by.ended !== 'well';
  return (users.find(failed) ?? starts.find(failed) ?? users.at(-1))?.by;

  function told(start: Exchange): Started {
    const { name, args } = start;
    const { type = 'job' } = jobOptions(name, args, '');
    return { args, by: { command: name, type, ended: endOf(start) } };
  }

  function endOf(start: Exchange): LeftBy['ended'] {
    if (replyOf(evidence, start)?.error) return 'refused';
    const life = jobsOf(evidence).lives.find(({ startedBy }) => startedBy === start.sent);
    return life?.statuses.some(({ status }) => status === 'aborting') ? 'failed' : 'well';
  }
}

type Started = { args: Exchange['args']; by: LeftBy };

/** A file is named by the end of its path, or by the disk that it is of. */
function mentions(value: Json, names: ReadonlySet<string>): boolean {
  if (typeof value === 'string')
    return names.has(value) || names.has(value.slice(value.lastIndexOf('/') + 1));
  return (
    value !== null && typeof value === 'object' && Object.values(value).some((each) => mentions(each, names))
  );
}
