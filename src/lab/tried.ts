import { z } from 'zod';
import type { Tried } from '../campaign/try-out.ts';
import { signatureOf } from '../findings/signature.ts';
import { rules } from '../judge/judge.ts';
import { brief, type Verdict } from '../judge/ledger.ts';
import { whyUndecided } from '../judge/why-undecided.ts';
import { limits } from './limits.ts';
import { packedTrace, packTrace } from './packed.ts';
import { violationSchema, writtenViolation } from './violation.ts';

/**
 * A run of one sequence, as a worker sends it back. Signatures are worked out here from the trace: they decide what fails a
 * gate. A violation that is nowhere in the trace, and facts that make no sense, are issues of zod's.
 */

const text = z.string().max(limits.textLengthMax);
const count = z.number().int().nonnegative();
const why = z.enum(Object.keys(whyUndecided) as [keyof typeof whyUndecided]);

const verdictSchema = z
  .union([
    z.tuple([text, count, count]),
    z.tuple([text, count, count, z.array(z.tuple([why, count])).max(100)]),
  ])
  .transform(([name, held, broken, undecided = []], context): Verdict => {
    const rule = rules.find((each) => each.name === name);
    if (rule) return { rule, held, broken, undecided: undecided.map(([why, times]) => ({ why, times })) };
    context.addIssue({ code: 'custom', message: `there is no rule "${name.slice(0, 80)}"` });
    return z.NEVER;
  });

export const triedSchema = z
  .object({
    /** Absent where nothing was run. */
    trace: packedTrace.optional(),
    violations: z.array(violationSchema).max(limits.runViolationsMax),
    verdicts: z.array(verdictSchema).max(rules.length),
    reason: text.optional(),
    trouble: z.object({ reason: text, thing: text.optional(), remedy: text.optional() }).optional(),
  })
  .transform(({ trace = [], violations, verdicts, reason, trouble }, context): Tried => {
    const signatures = violations.map((violation) => {
      try {
        if (violation.at < trace.length) return signatureOf(violation, trace);
      } catch {} // facts of another shape
      context.addIssue({ code: 'custom', message: `what broke ${violation.rule.name} is not in its trace` });
      return '';
    });
    return {
      ...{ signatures, violations, verdicts, trace },
      ...(reason === undefined ? {} : { reason }),
      ...(trouble
        ? {
            trouble: {
              reason: trouble.reason,
              ...(trouble.thing === undefined ? {} : { thing: trouble.thing }),
              ...(trouble.remedy === undefined ? {} : { remedy: trouble.remedy }),
            },
          }
        : {}),
    };
  });

export function writtenTried({
  trace,
  violations,
  verdicts,
  reason,
  trouble,
}: Tried): z.input<typeof triedSchema> {
  return {
    ...(trace.length > 0 ? { trace: packTrace(trace) } : {}),
    violations: violations.slice(0, limits.runViolationsMax).map(writtenViolation),
    verdicts: brief(verdicts).map(([rule, held, broken, undecided]) =>
      undecided
        ? [rule, held, broken, undecided.map(([why, times]): [typeof why, number] => [why, times])]
        : [rule, held, broken],
    ),
    ...(reason === undefined ? {} : { reason: reason.slice(0, limits.textLengthMax) }),
    ...(trouble ? { trouble: { ...trouble } } : {}),
  };
}
