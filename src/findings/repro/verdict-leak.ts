import type { LeftFact } from '../../judge/facts/left.ts';
import { quote } from './shell.ts';
import { commandJson } from './step-qmp.ts';
import type { Case, ScriptVerdict } from './verdict.ts';

/** Once the jobs have ended and the arena is taken apart, nothing may be left of it. */
export function leakVerdict({ facts }: Case): ScriptVerdict | undefined {
  const ending = facts?.shape === 'left' ? looksFor(facts) : undefined;
  return ending && { ends: 'arena', ending: [...ending, 'absent'] };
}

function looksFor(facts: LeftFact): string[] | undefined {
  const { what } = facts;
  const query = leftoverQuery(facts);
  if (query !== undefined)
    return [
      `qmp ${quote(commandJson({ name: query, args: {} }))} || cannot "QEMU died"`,
      `[[ $reply == *'"return": []'* ]] || shows "${what} left behind: $reply"`,
    ];
  if (what === 'file')
    return [
      'for file in /proc/$pid/fd/*; do',
      '  file=$(readlink "$file")',
      '  [[ $file != "$PWD"/*.@(raw|qcow2)* ]] || shows "no node is left, but $file is open"',
      'done',
    ];
  return what === 'descriptors'
    ? [
        'now=$(ls /proc/$pid/fd | wc -l)',
        '[ "$now" -le "$descriptors" ] || shows "$descriptors descriptors before, $now after"',
      ]
    : undefined;
}

/** The query that lists what is left behind, and must list nothing. */
export function leftoverQuery({ what }: LeftFact): string | undefined {
  switch (what) {
    case 'node':
      return 'query-named-block-nodes';
    case 'job':
      return 'query-jobs';
    case 'export':
      return 'query-block-exports';
    default:
      return undefined;
  }
}
