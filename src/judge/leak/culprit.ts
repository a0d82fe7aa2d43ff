import { isJobStart, jobOptions } from '../../model/job-start.ts';
import type { Json } from '../../sequence/step.ts';
import type { LeftBy } from '../facts/left.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';

/**
 * What has left nodes, or files, behind: a job, or a device that was refused. They are seldom forgotten where all goes
 * well, so it is the first on them that did not; one whose refusal names the very job that was to start comes before all,
 * since it had taken hold of its nodes by then. Else it is the last. What comes after it may fail because of what it
 * forgot, and a pivot hands that on to nodes that nobody named. `names`: of what is left.
 */
export function culprit(evidence: Evidence, names: readonly string[]): LeftBy | undefined {
  const tried = evidence.exchanges.filter(({ name }) => isJobStart(name) || name === 'device_add').map(told);
  const failed = tried.filter(({ by, tookNothing }) => by.ended !== 'well' && !tookNothing);
  const nodes = new Set(names);
  const isUser = ({ args }: Tried): boolean => mentions(args, nodes);
  const users = failed.filter(isUser);
  const jobs = tried.filter(({ by }) => by.command !== 'device_add');
  const blamed =
    users.find(({ wasThere }) => wasThere) ??
    users[0] ??
    failed.find(({ by }) => by.command !== 'device_add') ??
    jobs.filter(isUser).at(-1);
  return blamed?.by;

  function told(exchange: Exchange): Tried {
    const { name, args } = exchange;
    const type = name === 'device_add' ? args.driver : jobOptions(name, args, '').type;
    const by = { command: name, type: typeof type === 'string' ? type : 'job', ended: endOf(exchange) };
    const desc = replyOf(evidence, exchange)?.error?.desc ?? '';
    const wasThere = desc.includes(`${by.type} job '${args['job-id']}'`);
    return { args, by, wasThere, tookNothing: refusedUnseen.test(desc) };
  }

  function endOf(start: Exchange): LeftBy['ended'] {
    if (replyOf(evidence, start)?.error) return 'refused';
    const life = jobsOf(evidence).lives.find(({ startedBy }) => startedBy === start.sent);
    return life?.statuses.some(({ status }) => status === 'aborting') ? 'failed' : 'well';
  }
}

type Tried = { args: Exchange['args']; by: LeftBy; wasThere: boolean; tookNothing: boolean };

/** Before the command's own code looked at any node: by the schema (qapi/qmp-dispatch.c), or for want of the node. */
const refusedUnseen =
  /^(Parameter '.*' (is missing|is unexpected|does not accept value)|Invalid parameter type for|Cannot find device)/;

/** A file is named by the end of its path, or by the disk that it is of. */
function mentions(value: Json, names: ReadonlySet<string>): boolean {
  if (typeof value === 'string')
    return names.has(value) || names.has(value.slice(value.lastIndexOf('/') + 1));
  return (
    value !== null && typeof value === 'object' && Object.values(value).some((each) => mentions(each, names))
  );
}
