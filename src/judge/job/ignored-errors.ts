import { mirrorsOntoNode } from '../../model/job-start.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { ArmedErrors } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type EventEntry, eventsNamed, type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { errorsMet } from './met-errors.ts';
import { allWereTold, isInjected } from './told-errors.ts';

const streams: Rule = {
  name: 'state/ignoring-stream-goes-on',
  kind: 'state',
  statement:
    'A stream that has ignored all its errors comes to its end before it names one: its offset equals its len.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "The stream block job continues to stream and will complete with an error."',
};
const retries: Rule = {
  name: 'state/ignored-error-retried',
  kind: 'state',
  statement:
    'A mirror, backup or commit that has ignored each error does not fail with it. Judged only where nothing else can have failed: of plain reads of a raw source, and where every error came once and is one that the job has told.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "The backup, mirror and commit block jobs retry the failing request later and may still complete successfully."',
};

/** Jobs that ignore errors, as they have announced, do not end at them. */
export const stateIgnoredErrors: RuleFamily = {
  rules: [streams, retries],
  judge: (evidence, ledger) => jobsOf(evidence).lives.flatMap((life) => endsAtError(evidence, life, ledger)),
};

function endsAtError(evidence: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end) return [];
  const met = eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ at }) => at < end.at);
  const isIgnored = met.length > 0 && met.every(({ data }) => data.action === 'ignore');
  if (!isIgnored) return [];
  switch (life.options.type) {
    case undefined:
      ledger.undecided(streams, 'start unseen');
      return [];
    case 'stream':
      return endOfStream(life, end, ledger);
    case 'mirror':
    case 'backup':
    case 'commit':
      return endOfCopy(evidence, life, end, ledger);
    default:
      return [];
  }
}

function endOfStream(
  life: JobHistory,
  { at, data: { offset, len } }: EventEntry,
  ledger: Ledger,
): Violation[] {
  if (typeof offset !== 'number' || typeof len !== 'number') return [];
  if (offset === len) {
    ledger.held(streams);
    return [];
  }
  return [{ rule: streams, at, facts: { shape: 'figure', ...who(life), is: 'gave up early', offset, len } }];
}

function endOfCopy(
  evidence: Evidence,
  life: JobHistory,
  { at, data: { error: named } }: EventEntry,
  ledger: Ledger,
): Violation[] {
  if (named === undefined) {
    ledger.held(retries);
    return [];
  }
  const { armed, disturbed } = errorsMet(evidence);
  if (at >= disturbed.from) ledger.undecided(retries, disturbed);
  else if (typeof named !== 'string' || !isInjected(named, armed)) ledger.undecided(retries, 'error unknown');
  else if (!onlyReads(evidence, life, armed) && !allWereTold(life, at, armed))
    ledger.undecided(retries, 'error unknown');
  else {
    const facts: Fact = { shape: 'outcome', ...who(life), is: 'failed in spite of ignore', named };
    return [{ rule: retries, at, facts }];
  }
  return [];
}

/** Neither block status nor the target knows an error: nothing but plain reads of the source can have failed. */
function onlyReads({ bySent }: Evidence, { startedBy }: JobHistory, { all, disks }: ArmedErrors): boolean {
  const { name = '', args: { device } = {} } = bySent.get(startedBy ?? -1) ?? {};
  if (!mirrorsOntoNode(name) && name !== 'blockdev-backup') return false;
  return (
    typeof device === 'string' &&
    disks.get(device)?.format === 'raw' &&
    all.every(({ disk, error }) => disk === device && error.iotype === 'read' && error.event === undefined)
  );
}
