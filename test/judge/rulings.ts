import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/judge/ledger.ts';
import { gather } from '../../src/judge/reading/evidence.ts';
import type { RuleFamily } from '../../src/judge/rule.ts';
import type { QmpSchema } from '../../src/qmp/schema.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { daemonSchema } from './recorded.ts';
import { story } from './story.ts';
import type { Tale } from './tale.ts';

/** Names of the rules of one family that a trace breaks. */
export function broken(
  family: RuleFamily,
  trace: Trace,
  schema: QmpSchema | undefined = daemonSchema,
): string[] {
  const evidence = gather(trace, schema);
  if (!evidence) throw new Error('no trace: it lacks its opening');
  return [...new Set(family.judge(evidence, openLedger()).map(({ rule }) => rule.name))].sort();
}

/** Judges each tale by one family alone, and sees to it that each of its rules has a tale of either kind. */
export function judgeTales(family: RuleFamily, tales: readonly Tale[]): void {
  for (const [rule, about] of Map.groupBy(tales, (tale) => tale.rule)) {
    describe(rule, () => {
      test.each(about.map((tale) => ({ ...tale, ruling: tale.breaks ? 'broken' : 'kept' })))(
        '$ruling: $says',
        ({ breaks, also = [], story: text, setting }) => {
          const wanted = [...(breaks ? [rule] : []), ...also].sort();
          expect(broken(family, story(text, setting))).toEqual(wanted);
        },
      );
    });
  }

  test.each(family.rules.map(({ name }) => name))(
    '%s has a tale in which it is broken, and one in which not',
    (name) => {
      const about = tales.filter(({ rule }) => rule === name);
      expect(new Set(about.map(({ breaks }) => breaks))).toEqual(new Set([true, false]));
    },
  );
}
