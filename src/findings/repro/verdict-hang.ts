import { quote } from './shell.ts';
import { isJobId } from './step-qmp.ts';
import { type Case, phaseAt, type ScriptVerdict } from './verdict.ts';

/** Something has to end in time: a command, the jobs that are cancelled, a guest's request, QEMU itself. */
export function hangVerdict(shown: Case): ScriptVerdict | undefined {
  const { trace, at, facts } = shown;
  if (facts?.shape === 'lacking' && facts.what === 'progress') return stalled(shown, facts.job);
  if (facts?.shape === 'lacking' && facts.what === 'resume') return resumed(facts.job);
  const seen = trace[at];
  if (seen?.kind !== 'expired') return undefined;
  const alive = '[ $alive = yes ] || cannot "QEMU died: $(tail -n 1 stderr)"';
  const unanswered = `shows "step $1: $2 is not answered in $patience s"`;
  const settles = phaseAt(trace, at) !== 'steps';
  switch (seen.what) {
    case 'command':
      return { unanswered, settles, ending: [alive, 'absent'] };
    case 'settle':
      return {
        unanswered,
        settles: true,
        settle: 'settle || [ $alive = no ] || shows "cancelled by force, but not ended:$left"',
        ending: [alive, 'absent'],
      };
    case 'guest':
      return {
        unanswered,
        stuck: 'shows "the guest\'s request does not end: $2 on $1"',
        settles,
        ending: [alive, 'absent'],
      };
    case 'quit':
      return {
        unanswered,
        settles,
        ending: [alive, 'send end quit', 'finish 20000 || shows "QEMU does not quit"', 'absent'],
      };
    default:
      return seen satisfies never;
  }
}

function stalled({ finding }: Case, job: string): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  return {
    unanswered: 'shows "step $1: $2 is not answered in $patience s"',
    after: ({ index }) =>
      index === finding.violation.step
        ? [
            `[[ \${status[${job}]-} != running ]] || shows "the job is still running, with nothing to hold it back"`,
          ]
        : [],
    settles: false,
    ending: ['absent'],
  };
}

function resumed(job: string): ScriptVerdict | undefined {
  if (!isJobId(job)) return undefined;
  return {
    unanswered: 'shows "step $1: $2 is not answered in $patience s"',
    settles: false,
    ending: [
      '# Whatever still stands is resumed, and has to go on.',
      `stands=\${status[${job}]-}`,
      '[[ $stands == paused || $stands == standby ]] || absent',
      `qmp resume job-resume ${quote(JSON.stringify({ id: job }))}`,
      `went_on() { [[ \${status[${job}]-} != "$stands" ]]; }`,
      'await 5000 went_on || shows "the job was resumed, and is still $stands"',
      'absent',
    ],
  };
}
