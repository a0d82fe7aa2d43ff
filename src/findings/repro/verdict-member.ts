import { statusChange, type Trace } from '../../trace/observation.ts';
import { quote } from './shell.ts';
import { idOf } from './steps.ts';
import { type Case, cannotTell, type Verdict } from './verdict.ts';

/**
 * What a query shows of a job and can't be: looked for in the answer to the same query. Where the run took another
 * course (`unless`), nothing can be told.
 */
export function memberVerdict({ finding, plan, trace, at }: Case): Verdict | undefined {
  const { rule, violation } = finding;
  const [, job = '', member = '', value = '', wanted = ''] =
    forms.map((form) => form.exec(violation.text)).find((match) => match !== null) ?? [];
  const same = sameCourse[rule]?.(job, wanted, trace, at);
  const seen = trace[at];
  if (same === undefined || job === '' || seen?.kind !== 'reply') return undefined;
  const asked = trace.find(
    (one) => one.kind === 'command' && JSON.stringify(one.id) === JSON.stringify(seen.id),
  );
  const step = asked?.kind === 'command' ? asked.step : undefined;
  const planned = plan.steps.find(({ index }) => index === step);
  const last = planned?.actions.at(-1);
  if (!planned || last?.do !== 'qmp') return undefined; // a query that no step has sent
  const words = value === 'null' ? `"${member}":` : `"${member}": ${value},`;
  const isShown = `[[ $entry ${value === 'null' ? '!=' : '=='} *${quote(words)}* ]]`;
  return {
    unanswered: cannotTell,
    settles: false,
    after: ({ index }) =>
      index !== planned.index
        ? []
        : [
            ...(last.wait ? [] : [`await 10000 reply_to ${idOf(planned, planned.actions.length - 1)}`]),
            `entry_of ${job} || cannot "job ${job} is not shown"`,
            `${same} || cannot "the run took another course"`,
            `! ${isShown} || shows "$entry"`,
          ],
    ending: ['[ $alive = yes ] || cannot "QEMU died: $(tail -n 1 stderr)"', 'absent'],
    conditions: ['heard', 'entry_of', ...(last.wait ? [] : (['reply_to'] as const))],
  };
}

const forms = [
  /^query-\S+ shows job ([A-Za-z][\w.-]*) with ([\w-]+) (.+?), but it is (.+)$/,
  /^job ([A-Za-z][\w.-]*): (speed) (\d+), but (.+) was set$/,
];

/** What makes the answer wrong must be so in this run, too. */
const sameCourse: Readonly<
  Record<string, ((job: string, wanted: string, trace: Trace, at: number) => string | undefined) | undefined>
> = {
  'state/query-agrees': (job, wanted) => (/^\w+$/.test(wanted) ? statusIs(job, [wanted]) : undefined),
  'state/query-paused': (job) => statusIs(job, ['paused', 'standby']),
  'state/io-status': (job, wanted) => (/^ok/.test(wanted) ? unlessStopped(job) : ifStopped(job)),
  'state/event-fields': (job, _wanted, trace, at) => {
    const then = trace.slice(0, at).findLast((seen) => statusChange(seen)?.id === job);
    const status = then && statusChange(then)?.status;
    return status && statusIs(job, [status]);
  },
  'state/query-error': (job, wanted) =>
    `${wanted === 'done without one' ? '! ' : ''}heard '"BLOCK_JOB_COMPLETED"' '"device": "${job}"' '"error": '`,
};

const statusIs = (job: string, statuses: readonly string[]): string =>
  `[[ \${status[${job}]-} == ${statuses.length > 1 ? `@(${statuses.join('|')})` : quote(statuses[0] ?? '')} ]]`;

const ifStopped = (job: string): string =>
  `heard '"BLOCK_JOB_ERROR"' '"device": "${job}"' '"action": "stop"'`;

/** It may have been stopped, and resumed: then it runs again. */
const unlessStopped = (job: string): string =>
  `{ ! ${ifStopped(job)} || ${statusIs(job, ['running', 'ready'])}; }`;
