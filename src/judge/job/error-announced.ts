import { jobOf } from '../../qemu/cards.ts';
import { type ArmedErrors, armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { errnoTexts } from './errors.ts';

const announced: Rule = {
  name: 'state/error-announced',
  kind: 'state',
  statement:
    'A mirror or backup that a read error of its raw source has ended said so by BLOCK_JOB_ERROR. (What a driver reads of its own tables fails a job without a word.)',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_ERROR: "Emitted when a block job encounters an error"; block/mirror.c, mirror_read_complete, and block/backup.c, backup_loop, go through block_job_error_action',
};

/** Errors that end a job without having been told of. */
export const stateErrorAnnounced: RuleFamily = {
  rules: [announced],
  judge(evidence) {
    const armed = armedErrorsOf(evidence);
    const knownTo = Math.min(armed.otherCausesFrom, disturbancesOf(evidence).endAskedFrom);
    return jobsOf(evidence).lives.flatMap((life) => endsInSilence(evidence, life, armed, knownTo));
  },
};

function endsInSilence(
  { bySent }: Evidence,
  life: JobHistory,
  armed: ArmedErrors,
  knownTo: number,
): Violation[] {
  const start = bySent.get(life.startedBy ?? -1);
  const { device } = start?.args ?? {};
  if (!start || !copiesOntoNode(start.name) || typeof device !== 'string') return [];
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end || end.at >= knownTo || typeof end.data.error !== 'string') return [];
  const told = end.data.error;
  const errors = armed.before(end.at);
  // Nothing but plain reads of the source can have failed: block status and the target know no error.
  const onlyReads = errors.every(
    ({ disk, error }) => disk === device && error.iotype === 'read' && error.event === undefined,
  );
  const isNamed = errors.some(({ error }) => told.includes(errnoTexts[error.errno]));
  if (armed.disks.get(device)?.format !== 'raw' || !onlyReads || !isNamed) return [];
  const said = metError(life);
  return said
    ? []
    : [
        {
          rule: announced,
          at: end.at,
          facts: { shape: 'outcome', ...who(life), is: 'error not announced', named: told },
        },
      ];
}

const copiesOntoNode = (command: string): boolean => jobOf(command)?.target === 'node';
