import { mirrorsOntoNode } from '../../model/job-start.ts';
import { opening, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { ArmedError, ArmedErrors } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, who } from '../reading/job-histories.ts';
import type { Rule, Violation } from '../rule.ts';
import type { Cause } from '../why-undecided.ts';

export const lastingError: Rule = {
  name: 'state/lasting-error-fails',
  kind: 'state',
  statement:
    'A mirror with sync=full of a disk that holds data does not get ready while every write to its target fails.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "The backup, mirror and commit block jobs retry the failing request later and may still complete successfully."; a write that failed is never taken for done',
};

/** Violations of a job that has come through an error that nothing comes through. */
export function survives(
  evidence: Evidence,
  life: JobHistory,
  { armed, disturbed }: { armed: ArmedErrors; disturbed: Cause },
  ledger: Ledger,
): Violation[] {
  const { bySent } = evidence;
  const start = bySent.get(life.startedBy ?? -1);
  if (!start || !mirrorsOntoNode(start.name) || start.args.sync !== 'full') return [];
  const { device, target } = start.args;
  const [ready] = eventsNamed(life, 'BLOCK_JOB_READY');
  if (typeof target !== 'string' || armed.all.length === 0) return [];
  const until = ready?.at ?? life.entries.at(-1)?.at ?? opening;
  const fails = armed.all.some(
    (one) =>
      one.disk === target && failsEveryWrite(one) && one.surelyFrom < start.sent && until < one.surelyTo,
  );
  if (!fails) return [];
  if (!holdsData(evidence, armed, device)) ledger.undecided(lastingError, 'content unknown');
  else if (until >= disturbed.from) ledger.undecided(lastingError, disturbed);
  else if (!ready) ledger.held(lastingError);
  else return [broken(life, ready.at, target)];
  return [];
}

function broken(life: JobHistory, at: Place, target: string): Violation {
  const facts: Fact = { shape: 'outcome', ...who(life), is: 'ready in spite of an error', target };
  return { rule: lastingError, at, facts };
}

const failsEveryWrite = ({ error }: ArmedError): boolean =>
  (error.iotype ?? 'write') === 'write' &&
  (error.event ?? 'none') === 'none' &&
  error.once !== true &&
  error.sector === undefined &&
  error.sectors === undefined &&
  error.nth === undefined;

/** Filled by the arena, and nothing may have emptied it: no guest that zeroes, no job that writes to it. */
function holdsData(
  { trace, exchanges, hasFreshImages }: Evidence,
  { disks }: ArmedErrors,
  node: unknown,
): boolean {
  const disk = typeof node === 'string' ? disks.get(node) : undefined;
  if (!disk || !hasFreshImages || disk.sizeBytes === 0) return false;
  if (disk.fill !== 'full' && disk.fill !== 'seeded') return false;
  const emptied = trace.some(
    (seen) =>
      seen.kind === 'guest-begin' &&
      seen.op.op !== 'write' &&
      seen.op.op !== 'read' &&
      seen.op.op !== 'flush',
  );
  return !emptied && !exchanges.some(({ args }) => args.target === node);
}
