import type { LeftFact } from '../../judge/facts/left.ts';
import { type Evidence, type Exchange, gather, replyOf } from '../../judge/reading/evidence.ts';
import { jobsOf } from '../../judge/reading/job-histories.ts';
import { isJobStart, jobOptions } from '../../model/job-start.ts';
import type { Json } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';

/**
 * What is left, and the job that had to do with it: which nodes of a chain, and how many, is the sequence's choice, so
 * their names say nothing.
 */
export function leftSignature(facts: LeftFact, trace: Trace): string {
  switch (facts.what) {
    case 'descriptors':
    case 'iothreads':
    case 'memory':
      return `more ${facts.what}`;
    case 'job of refused start':
      return `job of a refused ${facts.command}`;
    default: {
      const evidence = facts.what === 'node' ? gather(trace) : undefined;
      const by = evidence && culprit(evidence, new Set(facts.names));
      return `${facts.what} left behind${by === undefined ? '' : ` by ${by}`}`;
    }
  }
}

/**
 * Nodes are seldom forgotten where all goes well: the first job on them that did not, else the last. What comes after it
 * may fail because of what it forgot, and a pivot hands that on to nodes that nobody named.
 */
function culprit(evidence: Evidence, nodes: ReadonlySet<string>): string | undefined {
  const starts = evidence.exchanges.filter(({ name }) => isJobStart(name)).map(told);
  const users = starts.filter(({ args }) => mentions(args, nodes));
  const failed = ({ end }: (typeof starts)[number]): boolean => end !== '';
  const first = users.find(failed) ?? starts.find(failed) ?? users.at(-1);
  return first && `${first.type ?? 'a job'}${first.end}`;

  function told(start: Exchange) {
    const { name, args } = start;
    return { args, type: jobOptions(name, args, '').type, end: endOf(start) };
  }

  function endOf(start: Exchange): string {
    if (replyOf(evidence, start)?.error) return ' that was refused';
    const life = jobsOf(evidence).lives.find(({ startedBy }) => startedBy === start.sent);
    return life?.statuses.some(({ status }) => status === 'aborting') ? ' that did not complete' : '';
  }
}

function mentions(value: Json, nodes: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return nodes.has(value);
  return (
    value !== null && typeof value === 'object' && Object.values(value).some((each) => mentions(each, nodes))
  );
}
