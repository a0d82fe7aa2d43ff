import { type Case, cannotTell, type Verdict } from './verdict.ts';

/** Once the jobs have ended and the arena is taken apart, nothing may be left of it. */
export function leakVerdict({ finding }: Case): Verdict | undefined {
  const ending = endings[finding.rule]?.(finding.violation.text);
  return ending && { unanswered: cannotTell, settles: true, ending: [...ending, 'absent'] };
}

const endings: Record<string, ((text: string) => string[] | undefined) | undefined> = {
  'leak/leftover': (text) => {
    const what = /^(\w+) left behind/.exec(text)?.[1] ?? '';
    const query = queries[what];
    return query === undefined
      ? undefined
      : [
          `qmp left ${query} || cannot "QEMU died"`,
          `[[ $reply == *'"return": []'* ]] || shows "${what} left behind: $reply"`,
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

const queries: Record<string, string | undefined> = {
  node: 'query-named-block-nodes',
  job: 'query-jobs',
  export: 'query-block-exports',
};
