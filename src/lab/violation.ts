import { z } from 'zod';
import type { Fact } from '../judge/facts/fact.ts';
import { rules } from '../judge/judge.ts';
import type { Violation } from '../judge/rule.ts';
import { isJsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import { asPlace } from '../trace/place.ts';
import { limits } from './limits.ts';

const text = z.string().max(limits.textLengthMax);
const count = z.number().int().nonnegative();

/** The rule is looked up here: what it claims is never another machine's word. */
export const violationSchema = z
  .object({
    rule: text,
    at: count,
    step: count.optional(),
    facts: z.custom<Fact>((value) => isJsonObject(value as Json) && 'shape' in (value as object)),
  })
  .transform(({ rule: name, at, step, facts }, context): Violation => {
    const rule = rules.find((each) => each.name === name);
    if (!rule) {
      context.addIssue({ code: 'custom', message: `there is no rule "${name.slice(0, 80)}"` });
      return z.NEVER;
    }
    return { rule, at: asPlace(at), facts, ...(step === undefined ? {} : { step }) };
  });

export const writtenViolation = ({ rule, at, step, facts }: Violation) => ({
  rule: rule.name,
  at: at as number,
  facts,
  ...(step === undefined ? {} : { step }),
});
