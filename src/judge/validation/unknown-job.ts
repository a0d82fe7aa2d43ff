import { wellFormed } from '../../model/job-commands.ts';
import { cardOf } from '../../qemu/cards.ts';
import { statusChange } from '../../trace/observation.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { asStored, spellsNumbers } from './numbers.ts';
import { mustFail } from './refusal.ts';

const unknown: Rule = {
  name: 'validation/unknown-job',
  kind: 'validation',
  statement:
    'A verb on a job that never was is refused: block-job-* with DeviceNotActive, job-* with GenericError. Judged where the arguments are in order, which is looked at first.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-job-cancel: "If no background operation is active on this device, DeviceNotActive"; job-* as observed on these versions',
};

/** A session begins with no job, and every job announces itself by an event before anyone can name it. */
export const unknownJob: RuleFamily = {
  rules: [unknown],
  judge(evidence, ledger) {
    const firstSeen = jobsSeen(evidence);
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const { name, reply, oob } = exchange;
      const id = namedJob(exchange, evidence);
      if (id === undefined || reply === undefined || oob) return [];
      const seen = firstSeen.get(id);
      if (seen !== undefined && seen < reply) return [];
      const expected = cardOf(name)?.verb?.spelling === 'block-job' ? 'DeviceNotActive' : 'GenericError';
      const why = { is: 'unknown job', id } as const;
      return mustFail(evidence, exchange, { rule: unknown, classes: [expected], why }, ledger);
    });
  },
};

/** Where each job id first occurs in an event. */
function jobsSeen({ trace }: Evidence): Map<string, number> {
  const first = new Map<string, number>();
  for (const [at, seen] of trace.entries()) {
    const id = statusChange(seen)?.id;
    if (id !== undefined && !first.has(id)) first.set(id, at);
  }
  return first;
}

/** The job that a verb names; undefined where the command is none, or its arguments may be what is refused. */
function namedJob(exchange: Exchange, evidence: Evidence): string | undefined {
  const { name, args } = exchange;
  const { schema } = evidence;
  const verb = cardOf(name)?.verb;
  // A union's branches are looked at before the job.
  if (!verb || verb.union || (schema && !schema.commands.has(name))) return undefined;
  if (spellsNumbers(evidence, exchange)) return undefined;
  const stored = asStored(args) as Exchange['args'];
  // A negative speed is refused, too, but by the job, which must be found first.
  return wellFormed(name, stored) ? String(stored[verb.id]) : undefined;
}
