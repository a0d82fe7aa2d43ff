import type { Rule, RuleFamily, Violation } from './rule.ts';

const leftover: Rule = {
  name: 'leak/leftover',
  kind: 'leak',
  statement: 'After every job has ended, all nodes, exports and objects can be removed and nothing is left.',
  source:
    'qapi/block-core.json, blockdev-del: fails only for a node that is in use; qapi/job.json, job-dismiss',
  versions: '5.2, 7.2, 10.0, 11.1',
};

/** What a settled session must not have any more. */
export const leak: RuleFamily = {
  rules: [leftover],
  judge({ trace }) {
    // A session that never settled has its jobs still, and the hang is what is reported.
    if (trace.some((seen) => seen.kind === 'expired' && seen.what !== 'guest')) return [];
    return trace.flatMap((seen, at): Violation[] =>
      seen.kind === 'leftover'
        ? [{ rule: leftover, at, text: `${seen.what} left behind: ${seen.names.join(', ')}` }]
        : [],
    );
  },
};
