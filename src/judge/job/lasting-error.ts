import { mirrorsOntoNode } from '../../model/job-start.ts';
import type { Inject } from '../../sequence/arena.ts';
import { opening } from '../../trace/place.ts';
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
    'A mirror with sync=full of a disk that holds data does not get ready, nor is such a backup done without an error, while every write to its target fails, or every read of its raw source.',
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
  const start = evidence.bySent.get(life.startedBy ?? -1);
  const isMirror = start !== undefined && mirrorsOntoNode(start.name);
  if (!start || (!isMirror && start.name !== 'blockdev-backup') || start.args.sync !== 'full') return [];
  const { device, target } = start.args;
  if (typeof target !== 'string' || armed.all.length === 0) return [];
  const [come] = eventsNamed(life, isMirror ? 'BLOCK_JOB_READY' : 'BLOCK_JOB_COMPLETED');
  const until = come?.at ?? life.entries.at(-1)?.at ?? opening;
  const failing = armed.all.find(
    (one) => isBarred(armed, one, { device, target }) && one.surelyFrom < start.sent && until < one.surelyTo,
  );
  if (!failing) return [];
  if (!holdsData(evidence, armed, device)) ledger.undecided(lastingError, 'content unknown');
  else if (until >= disturbed.from) ledger.undecided(lastingError, disturbed);
  else if (!come || come.data.error !== undefined) ledger.held(lastingError);
  else {
    const is = isMirror ? 'ready in spite of an error' : 'done in spite of an error';
    const side = failing.error.iotype === 'read' ? { side: 'read' as const } : {};
    const facts: Fact = { shape: 'outcome', ...who(life), is, target: failing.disk, ...side };
    return [{ rule: lastingError, at: come.at, facts }];
  }
  return [];
}

/** No data comes to the target: not a write does, or not a read of the raw source. */
function isBarred(
  { disks }: ArmedErrors,
  { disk, error }: ArmedError,
  { device, target }: { device: unknown; target: string },
): boolean {
  if (!failsAlways(error)) return false;
  if (disk === target) return (error.iotype ?? 'write') === 'write';
  return disk === device && error.iotype === 'read' && disks.get(disk)?.format === 'raw';
}

const failsAlways = (error: Inject): boolean =>
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
