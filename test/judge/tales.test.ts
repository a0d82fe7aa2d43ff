import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { story } from './story.ts';
import { tales } from './tales/tales.ts';
import { testedElsewhere } from './tested-elsewhere.ts';

for (const [rule, about] of Map.groupBy(tales, (tale) => tale.rule)) {
  describe(rule, () => {
    test.each(about.map((tale) => ({ ...tale, ruling: tale.breaks ? 'broken' : 'kept' })))(
      '$ruling: $says',
      ({ breaks, also = [], story: text, setting }) => {
        const broken = judge(story(text, setting)).violations.map((violation) => violation.rule.name);
        const here = broken.filter((name) => !testedElsewhere(name));
        expect([...new Set(here)].sort()).toEqual([...(breaks ? [rule] : []), ...also].sort());
      },
    );
  });
}
