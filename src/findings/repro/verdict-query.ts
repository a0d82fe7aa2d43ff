import { json, quote } from './shell.ts';
import { idOf } from './steps.ts';
import { type Case, cannotTell, type Verdict } from './verdict.ts';

/** A query's answer that names what is not there, or lacks what is: of the rules whose text says which. */
export function queryVerdict({ finding, plan, trace, at }: Case): Verdict | undefined {
  const seen = trace[at];
  const { step, text } = finding.violation;
  const asked =
    seen?.kind === 'reply'
      ? trace.find((one) => one.kind === 'command' && JSON.stringify(one.id) === JSON.stringify(seen.id))
      : undefined;
  const wrong = wrongListing(finding.rule, text);
  if (wrong === undefined || asked?.kind !== 'command') return undefined;
  const planned = plan.steps.find(({ index }) => index === (asked.step ?? step));
  const base = { unanswered: cannotTell };
  if (planned && asked.step !== undefined) {
    const waited = planned.actions.some((action) => action.do === 'qmp' && action.wait);
    const answer = waited ? [] : [`await 10000 reply_to ${idOf(planned, planned.actions.length - 1)}`];
    return {
      ...base,
      settles: false,
      after: ({ index }) => (index === planned.index ? [...answer, wrong] : []),
      ending: ['[ $alive = yes ] || cannot "QEMU died: $(tail -n 1 stderr)"', 'absent'],
      ...(waited ? {} : { conditions: ['reply_to'] as const }),
    };
  }
  return {
    ...base,
    settles: true,
    ending: [`qmp left ${quote(json(asked.name).slice(1, -1))} || cannot "QEMU died"`, wrong, 'absent'],
  };
}

/** A line that shows the defect where $reply lists what it lists, or lacks what it lacks. */
function wrongListing(rule: string, text: string): string | undefined {
  const key = keys[rule];
  if (rule === 'graph/filter-without-job') {
    const driver = /^a (\w+) is in the graph/.exec(text)?.[1];
    return driver && shownIf('==', `"drv": "${driver}"`);
  }
  if (rule === 'state/query-lists-jobs' || rule.endsWith('leaves-nothing')) {
    const jobs = wrongJobs(text);
    if (jobs !== undefined) return jobs;
  }
  if (key === undefined) return undefined;
  const [, name, lacking] = /(?:node|export|bitmap) ([\w.-]+) is (not )?(?:listed|there)/.exec(text) ?? [];
  return name && shownIf(lacking ? '!=' : '==', `"${key}": "${name}"`);
}

/** A job that is listed and was never started, or is there and not listed. */
function wrongJobs(text: string): string | undefined {
  const [, query, lists, id] =
    /^(query-\S+) (shows|does not show|lists) (?:job )?([A-Za-z][\w.-]*),/.exec(text) ?? [];
  if (query === undefined || id === undefined) return undefined;
  const words = `"${query === 'query-jobs' ? 'id' : 'device'}": "${id}"`;
  const lives = `[[ \${status[${id}]-null} != null ]] || cannot "job ${id} is over"`;
  return lists === 'does not show' ? `${lives}\n${shownIf('!=', words)}` : shownIf('==', words);
}

const shownIf = (is: '==' | '!=', words: string): string =>
  `[[ ! $reply ${is} *${quote(words)}* ]] || shows "$reply"`;

/** The member that names what each query lists. */
const keys: Readonly<Record<string, string>> = {
  'graph/nodes-listed': 'node-name',
  'validation/leaves-nothing': 'node-name',
  'graph/exports-listed': 'id',
  'graph/bitmaps-listed': 'name',
};
