import { jobsOf } from './job-histories.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';

const versions = '5.2, 7.2, 10.0, 11.1';

const action: Rule = {
  name: 'state/error-policy',
  kind: 'state',
  statement:
    'The action of BLOCK_JOB_ERROR is what the policy of that side says: read the source, write the target.',
  source:
    'qapi/block-core.json, BlockdevOnError: report, ignore, stop, enospc ("stop on ENOSPC, report otherwise"; auto is enospc for jobs); block.c, bdrv_get_error_action; every policy tried on both sides',
  versions,
};
/** Error policies, as the events show them. */
export const stateErrors: RuleFamily = {
  rules: [action],
  judge(evidence) {
    return jobsOf(evidence).lives.flatMap((life): Violation[] =>
      life.entries.flatMap((entry): Violation[] => {
        if (entry.kind !== 'event' || entry.name !== 'BLOCK_JOB_ERROR') return [];
        const { operation: side, action: taken } = entry.data;
        const policy = side === 'read' ? life.options.onSourceError : life.options.onTargetError;
        const allowed = policy === undefined ? undefined : actions[policy];
        const found: Violation[] = [];
        if (allowed && typeof taken === 'string' && !allowed.includes(taken)) {
          found.push({
            rule: action,
            at: entry.at,
            text: `job ${life.id}: ${side} error, policy ${policy}, but action ${taken}`,
          });
        }
        return found;
      }),
    );
  },
};

/** enospc depends on the error, which the event does not name. */
const actions: Record<string, readonly string[] | undefined> = {
  report: ['report'],
  ignore: ['ignore'],
  stop: ['stop'],
  enospc: ['stop', 'report'],
  auto: ['stop', 'report'],
};
