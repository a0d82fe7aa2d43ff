import type { VerbName } from '../../qemu/cards.ts';
import { isJobId } from './step-qmp.ts';
import { type Case, endsFor, mustLive, quitLines, type ScriptVerdict } from './verdict.ts';

/** Something has to end in time: a command, the jobs that are cancelled, a guest's request, QEMU itself. */
export function hangVerdict(shown: Case): ScriptVerdict | undefined {
  const { trace, at, facts } = shown;
  if (facts?.shape === 'lacking' && facts.what === 'progress')
    return shown.finding.violation.step === undefined ? unlimited(facts.job) : stalled(shown, facts.job);
  if (facts?.shape === 'lacking' && facts.what === 'effect') return told(facts.job, facts.verb);
  if (facts?.shape === 'lacking' && facts.what === 'announced') return announced(facts.job, facts.action);
  if (facts?.shape === 'lacking' && facts.what === 'resume') return resumed(facts.job);
  const seen = trace[at];
  if (seen?.kind !== 'expired') return undefined;
  const ends = endsFor(trace, at);
  const command = 'shows';
  switch (seen.what) {
    case 'command':
      return { endless: { command }, ends, ending: [mustLive, 'absent'] };
    case 'settle':
      return { endless: { command, job: 'shows' }, ends: 'jobs', ending: [mustLive, 'absent'] };
    case 'guest':
      return { endless: { command, guest: 'shows' }, ends, ending: [mustLive, 'absent'] };
    case 'quit':
      return { endless: { command }, ends, ending: [mustLive, ...quitLines('shows'), 'absent'] };
    default:
      return seen satisfies never;
  }
}

function stalled({ finding }: Case, job: string): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  return {
    endless: { command: 'shows' },
    after: ({ index }) =>
      index === finding.violation.step
        ? [`! job_is ${job} running || shows "the job is still running, with nothing to hold it back"`]
        : [],
    ends: 'steps',
    ending: ['absent'],
  };
}

function resumed(job: string): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  return {
    endless: { command: 'shows' },
    ends: 'steps',
    ending: [
      '# Whatever still stands is resumed, and has to go on.',
      `before=$(statuses ${job})`,
      '[[ $before == *@(paused|standby) ]] || absent',
      `qmp '{"execute": "job-resume", "arguments": {"id": "${job}"}}'`,
      `went_on() { [[ $(statuses ${job}) != "$before" ]]; }`,
      `await_that 5000 went_on || shows "the job was resumed, and stands still: $(status_of ${job})"`,
      'absent',
    ],
  };
}

/** Settling had lifted its limit. */
function unlimited(job: string): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  return {
    endless: { command: 'shows' },
    ends: 'steps',
    ending: [
      '# Without a limit it has to get on.',
      `before=$(statuses ${job})`,
      '[[ $before == *running ]] || absent',
      `qmp '{"execute": "block-job-set-speed", "arguments": {"device": "${job}", "speed": 0}}'`,
      `went_on() { [[ $(statuses ${job}) != "$before" ]]; }`,
      `await_that 5000 went_on || shows "the job has no limit, and stands still: $(status_of ${job})"`,
      'absent',
    ],
  };
}

/** It has met its error by then. */
function announced(job: string, action: 'report' | 'stop'): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  return {
    endless: { command: 'shows' },
    ends: 'steps',
    ending: [
      `came() { [[ $(statuses ${job}) == *@(${endings}${action === 'stop' ? pauses : ''})* ]]; }`,
      `await_that 5000 came || shows "the action of its error was ${action}, and the job is still: $(status_of ${job})"`,
      'absent',
    ],
  };
}

const endings = 'waiting|pending|aborting|concluded|null';
const pauses = '|paused|standby';

/** A cancel by force is what settling sends; a pause and a complete are the sequence's own. */
function told(job: string, verb: VerbName): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  const awaited = `${endings}${verb === 'pause' ? pauses : ''}`;
  return {
    endless: { command: 'shows' },
    ends: 'steps',
    ending: [
      ...(verb === 'cancel'
        ? [
            '# Whatever is left is cancelled by force, and has to end.',
            `[[ $(statuses ${job}) != *@(concluded|null) ]] || absent`,
            `qmp '{"execute": "job-cancel", "arguments": {"id": "${job}"}}'`,
          ]
        : []),
      `came() { [[ $(statuses ${job}) == *@(${awaited})* ]]; }`,
      `await_that 5000 came || shows "the job was told to ${verb}, and is still: $(status_of ${job})"`,
      'absent',
    ],
  };
}
