import type { Fact } from '../../judge/facts/fact.ts';
import type { Wanted } from '../../judge/facts/shown.ts';
import type { Json } from '../../sequence/step.ts';
import { statusChange, type Trace } from '../../trace/observation.ts';
import { json, quote } from './shell.ts';
import { isJobId } from './step-qmp.ts';
import { idOf } from './steps.ts';
import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';

/**
 * What a query shows of a job and can't be: looked for in the answer to the same query. Where the run took another
 * course (`unless`), nothing can be told.
 */
export function memberVerdict({ facts, plan, trace, at }: Case): ScriptVerdict | undefined {
  const shown = facts && memberOf(facts);
  const seen = trace[at];
  if (shown === undefined || !isJobId(shown.job) || seen?.kind !== 'reply') return undefined;
  const { job, member, value } = shown;
  const same = sameCourse(job, shown.wanted, trace, at);
  if (same === undefined) return undefined;
  const asked = trace.find(
    (one) => one.kind === 'command' && JSON.stringify(one.id) === JSON.stringify(seen.id),
  );
  const step = asked?.kind === 'command' ? asked.step : undefined;
  const planned = plan.steps.find(({ index }) => index === step);
  const last = planned?.actions.at(-1);
  if (!planned || last?.do !== 'qmp') return undefined; // a query that no step has sent
  const words = value === null ? `"${member}":` : `"${member}": ${json(value)},`;
  const isShown = `[[ $entry ${value === null ? '!=' : '=='} *${quote(words)}* ]]`;
  return {
    ends: 'steps',
    after: ({ index }) =>
      index !== planned.index
        ? []
        : [
            ...(last.wait ? [] : [`replied ${idOf(planned, planned.actions.length - 1)}`]),
            `entry_of ${job} || cannot "job ${job} is not shown"`,
            `${same} || cannot "the run took another course"`,
            `! ${isShown} || shows "$entry"`,
          ],
    ending: [mustLive, 'absent'],
  };
}

type Shown = { job: string; member: string; value: Json; wanted: Wanted | 'speed' };

/** A speed that a query shows is a figure of the job like that of its events. */
function memberOf(facts: Fact): Shown | undefined {
  if (facts.shape === 'shown' && facts.what === 'member') return facts;
  return facts.shape === 'figure' && facts.is === 'wrong speed'
    ? { job: facts.job, member: 'speed', value: facts.speed, wanted: 'speed' }
    : undefined;
}

/** What makes the answer wrong must be so in this run, too. */
function sameCourse(job: string, wanted: Shown['wanted'], trace: Trace, at: number): string | undefined {
  if (wanted === 'speed') {
    const then = trace.slice(0, at).findLast((seen) => statusChange(seen)?.id === job);
    const status = then && statusChange(then)?.status;
    return status && statusIs(job, [status]);
  }
  switch (wanted.is) {
    case 'status':
      return wanted.statuses.length === 1 ? statusIs(job, wanted.statuses) : undefined;
    case 'flag':
      return 'true';
    case 'paused':
      return statusIs(job, ['paused', 'standby']);
    case 'io-status':
      return wanted.ok ? unlessStopped(job) : ifStopped(job);
    case 'error':
      return `${wanted.named === null ? '! ' : ''}heard '"BLOCK_JOB_COMPLETED"' '"device": "${job}"' '"error": '`;
    default:
      return wanted satisfies never;
  }
}

const statusIs = (job: string, statuses: readonly string[]): string =>
  `[[ $(status_of ${job}) == ${statuses.length > 1 ? `@(${statuses.join('|')})` : quote(statuses[0] ?? '')} ]]`;

const ifStopped = (job: string): string =>
  `heard '"BLOCK_JOB_ERROR"' '"device": "${job}"' '"action": "stop"'`;

/** It may have been stopped, and resumed: then it runs again. */
const unlessStopped = (job: string): string =>
  `{ ! ${ifStopped(job)} || ${statusIs(job, ['running', 'ready'])}; }`;
