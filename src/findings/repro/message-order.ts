import { type Observation, statusChange, type Trace } from '../../trace/observation.ts';
import type { Plan } from './plan.ts';
import { quote } from './shell.ts';
import { idOf } from './steps.ts';
import { type Case, endsFor, type ScriptVerdict } from './verdict.ts';

/**
 * A message that comes at the wrong place: what a job says, and what is answered to the steps that name it, is compared
 * with what was recorded, in short and without figures. Where all came as it did then, up to the message that is wrong,
 * that one tells; where the run took another course nothing can be told.
 */
export function storyVerdict({ finding, plan, trace, at }: Case): ScriptVerdict | undefined {
  const job = jobOf(trace[at]);
  if (!tellable.has(finding.rule) || job === undefined || restarts(plan)) return undefined;
  const steps = stepsNaming(job, plan);
  const told = story(trace.slice(0, at + 1), job, steps);
  const wrong = told.at(-1);
  if (wrong === undefined) return undefined;
  return {
    ends: endsFor(trace, at),
    named: ({ index }) => steps.has(index),
    ending: [
      `story=(${told.map(quote).join(' ')}) # the last one is wrong`,
      'sleep 1 # the last messages come',
      `story_of ${job} ${[...steps.values()].join(' ')}`,
      `for i in "\${!story[@]}"; do`,
      `  [[ \${told[i]-nothing} != "\${story[i]}" ]] || continue`,
      `  [ $i -lt $((\${#story[@]} - 1)) ] || absent`,
      `  cannot "the run took another course: \${told[i]-nothing} instead of \${story[i]}"`,
      'done',
      `shows "$(IFS=,; echo "\${story[*]}")"`,
    ],
  };
}

/** Rules that judge the order of messages by nothing but the messages; figures and times take the model. */
const tellable: ReadonlySet<string> = new Set([
  'state/ready-announced',
  'state/pending-announced',
  'state/end-announced',
  'state/nothing-after-null',
  'state/cancelled-unprovoked',
  'state/completed-unasked',
  'state/early-cancel-cancels',
  'state/forced-cancel-cancels',
  'state/soft-cancel-completes',
  'state/error-policy',
  'state/error-caused',
  'state/error-named',
  'state/failure-named',
  'state/ignored-error-retried',
  'state/lasting-error-fails',
  'state/size-mismatch-fails',
]);

const restarts = ({ steps }: Plan): boolean =>
  steps.some(({ actions }) => actions.some((action) => action.do === 'restart'));

function jobOf(seen: Observation | undefined): string | undefined {
  if (seen?.kind !== 'event') return undefined;
  const id = statusChange(seen)?.id ?? seen.data.device;
  return typeof id === 'string' && /^[A-Za-z][\w.-]*$/.test(id) ? id : undefined;
}

/** Ids that the script gives to the commands on a job, by the steps' indices. */
function stepsNaming(job: string, { steps }: Plan): ReadonlyMap<number, string> {
  return new Map(
    steps.flatMap((planned) => {
      const last = planned.actions.at(-1);
      const names = last?.do === 'qmp' && Object.values(last.args).includes(job);
      return names ? [[planned.index, idOf(planned, planned.actions.length - 1)] as const] : [];
    }),
  );
}

/** The same words that `story_of` (monitor.ts) finds in the log. */
function story(trace: Trace, job: string, steps: ReadonlyMap<number, string>): string[] {
  const asked = new Map<string, string>();
  return trace.flatMap((seen): string[] => {
    if (seen.kind === 'command' && seen.step !== undefined && Object.values(seen.args).includes(job))
      asked.set(JSON.stringify(seen.id), steps.get(seen.step) ?? '');
    if (seen.kind === 'reply') {
      const id = asked.get(JSON.stringify(seen.id));
      return id ? [`${id} ${seen.error ? seen.error.class : 'ok'}`] : [];
    }
    if (jobOf(seen) !== job || seen.kind !== 'event') return [];
    const { status, operation, action, error } = seen.data;
    return [
      [seen.name, status, operation, action, error].filter((word) => typeof word === 'string').join(' '),
    ];
  });
}
