import type { Finding } from '../finding.ts';
import { type Case, cannotTell, type Verdict } from './verdict.ts';

/** Once the jobs have ended and the arena is taken apart, nothing may be left of it. */
export function leakVerdict({ finding }: Case): Verdict | undefined {
  const ending = endings[finding.rule]?.(finding.violation.text);
  return ending && { unanswered: cannotTell, settles: true, ending: [...ending, 'absent'] };
}

const endings: Record<string, ((text: string) => string[] | undefined) | undefined> = {
  'leak/leftover': (text) => {
    const query = queries[whatIsLeft(text)];
    return query === undefined
      ? undefined
      : [
          `qmp left ${query} || cannot "QEMU died"`,
          `[[ $reply == *'"return": []'* ]] || shows "${whatIsLeft(text)} left behind: $reply"`,
        ];
  },
  'leak/open-file': () => [
    'for file in /proc/"$pid"/fd/*; do',
    '  file=$(readlink "$file")',
    '  [[ $file != "$PWD"/*.@(raw|qcow2)* ]] || shows "no node is left, but $file is open"',
    'done',
  ],
  'leak/descriptors': () => [
    'now=$(ls /proc/"$pid"/fd | wc -l)',
    '[ "$now" -le "$descriptors" ] || shows "$descriptors descriptors before, $now after"',
  ],
};

const whatIsLeft = (text: string): string => /^(\w+) left behind/.exec(text)?.[1] ?? '';

/** The query that lists what is left behind, and must list nothing. */
export function leftoverQuery({ rule, violation }: Finding): string | undefined {
  return rule === 'leak/leftover' ? queries[whatIsLeft(violation.text)] : undefined;
}

const queries: Record<string, string | undefined> = {
  node: 'query-named-block-nodes',
  job: 'query-jobs',
  export: 'query-block-exports',
};
