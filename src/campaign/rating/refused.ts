import type { Observation, Trace } from '../../trace/observation.ts';

/** `whole`: a run of the sequence as it is; `steps`: of each step of the variant, its index in that. */
type Compared = { whole: Trace; steps: readonly number[]; mustRefuse: boolean };

/**
 * What QEMU said to a command of a variant that it refused in every run, though it takes the same command in the whole
 * sequence, or fails at it. What comes after the failure in the whole sequence was never answered there, and does not
 * count; nor does a refusal of what QEMU has to refuse, where it is the failure that QEMU did not.
 */
export function newlyRefused(
  runs: readonly Trace[],
  { whole, steps, mustRefuse }: Compared,
): string | undefined {
  const outcomes = new Map(commandsOf(whole).map(({ step, name, reply }) => [`${step} ${name}`, reply]));
  const each = runs.map((run) =>
    commandsOf(run).flatMap(({ step, name, reply }) => {
      if (reply === 'taken' || reply === 'unanswered') return [];
      const before = outcomes.get(`${steps[step]} ${name}`);
      if (before === undefined || typeof before === 'object') return [];
      const isDue = before === 'unanswered' && mustRefuse && !isMalformed(reply.refused);
      return isDue ? [] : [reply.refused];
    }),
  );
  return each.length > 0 && each.every((refused) => refused.length > 0) ? each[0]?.[0] : undefined;
}

/** Of a command that QAPI does not know what to make of: nobody looked at what it asks for. */
const isMalformed = (desc: string): boolean =>
  /^(Parameter '.*' is (missing|unexpected)|Invalid parameter)/.test(desc);

type Sent = { step: number; name: string; reply: 'taken' | 'unanswered' | { refused: string } };

function commandsOf(trace: Trace): Sent[] {
  const replies = new Map<string, Observation & { kind: 'reply' }>();
  for (const seen of trace)
    if (seen.kind === 'reply' && seen.id !== undefined) replies.set(JSON.stringify(seen.id), seen);
  return trace.flatMap((seen): Sent[] => {
    if (seen.kind !== 'command' || seen.step === undefined) return [];
    const reply = replies.get(JSON.stringify(seen.id));
    const { step, name } = seen;
    if (!reply) return [{ step, name, reply: 'unanswered' }];
    return [{ step, name, reply: reply.error ? { refused: reply.error.desc } : 'taken' }];
  });
}
