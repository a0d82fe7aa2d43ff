import { wordsOf } from '../../judge/facts/words.ts';
import type { Violation } from '../../judge/rule.ts';
import type { OwnNames } from './names.ts';
import { plainWords } from './words.ts';

/**
 * A reply that was not due, by what names its cause; undefined where the text tells of no reply. An error's own words
 * lead to the one place in QEMU that says them, whatever the command and the rule. Which statuses a job may have had is
 * a matter of the race, not of the defect.
 */
export function replyWords(violation: Violation, names: OwnNames): string | undefined {
  const { rule } = violation;
  const text = wordsOf(violation);
  const [, what = '', expected, got] = /^(.+?): expected (.+), got (.+)$/s.exec(text) ?? [];
  if (expected === undefined || got === undefined || rule.name.startsWith('claim/')) return undefined;
  const isError = /^[A-Z]\w+: /.test(got);
  if (isError && expected !== 'success') return `not the error that is due: ${plainWords(got, names)}`;
  return isError || !/\(.+ or .+\)$/.test(what)
    ? undefined
    : `${rule.name}: ${what.split(' ', 1)[0]} succeeds`;
}
