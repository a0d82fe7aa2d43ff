import { isJsonObject } from '../../sequence/json-object.ts';
import { opening, type Place } from '../../trace/place.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const filters: Rule = {
  name: 'graph/filter-without-job',
  kind: 'leak',
  statement:
    'A filter that only a job puts in (mirror_top, commit_top) is in the graph only while there is a mirror or commit.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-mirror: "the node name that should be assigned to the filter driver that the mirror job inserts into the graph above @device."; block/mirror.c and commit.c take it out when the job ends or fails to start; after no job on any version was one left',
};

/** By the jobs that the event stream shows, so that nothing a model can't follow matters. */
export const filterNodes: RuleFamily = {
  rules: [filters],
  judge(evidence, ledger) {
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      if (exchange.name !== 'query-named-block-nodes' || exchange.reply === undefined) return [];
      const list = replyOf(evidence, exchange)?.return;
      if (!Array.isArray(list)) return [];
      const left = list.filter(isJsonObject).find(({ drv }) => drv === 'mirror_top' || drv === 'commit_top');
      if (jobWithin(evidence, exchange.notBefore, exchange.reply)) return [];
      if (!left) {
        ledger.held(filters);
        return [];
      }
      return [
        {
          rule: filters,
          at: exchange.reply,
          facts: { shape: 'shown', query: exchange.name, what: 'filter', driver: `${left.drv}` },
        },
      ];
    });
  },
};

/** Any mirror or commit, or a job whose kind was not seen, that was there at some time of the interval. */
function jobWithin(evidence: Evidence, from: Place, to: Place): boolean {
  const { lives } = jobsOf(evidence);
  // From the last one that had begun, back: while there is one it is found soon.
  for (let i = lastBefore(lives, to, ({ entries }) => entries[0]?.at ?? opening); i >= 0; i--) {
    const { statuses, options } = lives[i] as JobHistory;
    const last = statuses.at(-1);
    const over = last?.status === 'null' && last.at < from;
    if (!over && !/^(backup|stream|create)$/.test(options.type ?? '')) return true;
  }
  return false;
}
