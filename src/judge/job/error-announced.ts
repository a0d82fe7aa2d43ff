import { jobOf } from '../../qemu/cards.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import { type ArmedErrors, armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { earliest } from '../why-undecided.ts';
import { errnoTexts } from './errors.ts';

const announced: Rule = {
  name: 'state/error-announced',
  kind: 'state',
  statement:
    'A mirror or backup that a read error of its raw source has ended, or a write error of its raw target, said so by BLOCK_JOB_ERROR. (What a driver reads of its own tables fails a job without a word.)',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_ERROR: "Emitted when a block job encounters an error"; block/mirror.c, mirror_read_complete, and block/backup.c, backup_loop, go through block_job_error_action',
};

/** Errors that end a job without having been told of. */
export const stateErrorAnnounced: RuleFamily = {
  rules: [announced],
  judge(evidence, ledger) {
    const armed = armedErrorsOf(evidence);
    if (armed.all.length === 0) return [];
    return jobsOf(evidence).lives.flatMap((life) => endsInSilence(evidence, life, armed, ledger));
  },
};

function endsInSilence(
  evidence: Evidence,
  life: JobHistory,
  armed: ArmedErrors,
  ledger: Ledger,
): Violation[] {
  const start = evidence.bySent.get(life.startedBy ?? -1);
  const { device, target } = start?.args ?? {};
  if (!start || !copiesOntoNode(start.name) || typeof device !== 'string') return [];
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end || typeof end.data.error !== 'string') return [];
  const named = end.data.error;
  const errors = armed.metBy(life, end.at);
  const isNamed = errors.some(({ error }) => named.includes(errnoTexts[error.errno]));
  if (!isNamed) return [];
  // Nothing but plain reads of the source, or writes to the target, can have failed: neither tables nor block status nor
  // flushes know an error.
  const onlyRequests = (node: unknown, iotype: 'read' | 'write'): boolean =>
    typeof node === 'string' &&
    armed.disks.get(node)?.format === 'raw' &&
    errors.every(({ disk, error }) => disk === node && error.iotype === iotype && error.event === undefined);
  // A backup that gives its snapshot up for a guest's write says so at its end alone.
  const savesFirst = start.args['on-cbw-error'] !== undefined || start.args['cbw-timeout'] !== undefined;
  const isPlain = onlyRequests(device, 'read') || (onlyRequests(target, 'write') && !savesFirst);
  if (!isPlain && armed.disks.get(device)?.format !== 'raw') return [];
  const disturbed = earliest(armed.otherCauses, disturbancesOf(evidence).endAsked);
  if (end.at >= disturbed.from) ledger.undecided(announced, disturbed);
  else if (!isPlain) ledger.undecided(announced, 'error unknown');
  else if (metError(life)) ledger.held(announced);
  else {
    const facts: Fact = { shape: 'outcome', ...who(life), is: 'error not announced', named };
    return [{ rule: announced, at: end.at, facts }];
  }
  return [];
}

const copiesOntoNode = (command: string): boolean => jobOf(command)?.target === 'node';
