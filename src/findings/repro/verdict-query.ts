import type { ShownFact } from '../../judge/facts/shown.ts';
import { json, quote } from './shell.ts';
import { anyLine, isJobId } from './step-qmp.ts';
import { idOf } from './steps.ts';
import { type Case, endsFor, mustLive, type ScriptVerdict } from './verdict.ts';

/** A query's answer that names what is not there, or lacks what is. */
export function queryVerdict({ finding, facts, plan, trace, at }: Case): ScriptVerdict | undefined {
  const seen = trace[at];
  const { step } = finding.violation;
  const asked =
    seen?.kind === 'reply'
      ? trace.find((one) => one.kind === 'command' && JSON.stringify(one.id) === JSON.stringify(seen.id))
      : undefined;
  const wrong = facts?.shape === 'shown' ? wrongListing(facts) : undefined;
  if (wrong === undefined || asked?.kind !== 'command') return undefined;
  const planned = plan.steps.find(({ index }) => index === (asked.step ?? step));
  if (planned && asked.step !== undefined) {
    const waited = planned.actions.some((action) => action.do === 'qmp' && action.wait);
    const answer = waited ? [] : [`replied ${idOf(planned, planned.actions.length - 1)}`];
    return {
      ends: 'steps',
      after: ({ index }) => (index === planned.index ? [...answer, wrong] : []),
      ending: [mustLive, 'absent'],
    };
  }
  return {
    ends: endsFor(trace, at),
    ending: [`${anyLine({ name: asked.name, args: {} })} || cannot "QEMU died"`, wrong, 'absent'],
  };
}

/** A line that shows the defect where $reply lists what it lists, or lacks what it lacks. */
function wrongListing(facts: ShownFact): string | undefined {
  switch (facts.what) {
    case 'filter':
      return shownIf('==', 'drv', facts.driver);
    case 'job': {
      if (!isJobId(facts.job)) return undefined;
      const key = facts.query === 'query-jobs' ? 'id' : 'device';
      if (facts.listed) return shownIf('==', key, facts.job);
      const lives = `! job_is ${facts.job} null || cannot "job ${facts.job} is over"`;
      return `${lives}\n${shownIf('!=', key, facts.job)}`;
    }
    case 'node':
      return shownIf(facts.listed ? '==' : '!=', 'node-name', facts.node);
    case 'export':
      return shownIf(facts.listed ? '==' : '!=', 'id', facts.export);
    case 'bitmap':
      return `${facts.listed ? '! ' : ''}[[ ${listedBitmap(facts.bitmap)} ]] || shows "$reply"`;
    case 'bitmap count':
      return wrongCount(facts);
    case 'member':
    case 'bitmap member':
    case 'bitmap bytes':
    case 'stored bitmap':
    case 'past lost':
    case 'place':
    case 'export gone':
    case 'as opened':
    case 'size':
      return undefined;
    case 'inactive':
      return `[[ $reply != *'"active": false'* ]] || shows "$reply"`;
    default:
      return facts satisfies never;
  }
}

/** `count` is the last member before `name` or the first after it: QEMU lists members as their names hash. */
function wrongCount({ bitmap, leastBytes, mostBytes }: Extract<ShownFact, { what: 'bitmap count' }>): string {
  const wrong = [
    ...(leastBytes > 0 ? [`[ "$count" -lt ${leastBytes} ]`] : []),
    ...(mostBytes === null ? [] : [`[ "$count" -gt ${mostBytes} ]`]),
  ].join(' || ');
  return [
    `[[ ${listedBitmap(bitmap)} ]] || cannot "bitmap ${bitmap} is not listed"`,
    `[[ $BASH_REMATCH =~ '"count": '([0-9]+) ]]; count=\${BASH_REMATCH[1]}`,
    `! { ${wrong}; } || shows "of bitmap ${bitmap} $count bytes are dirty"`,
  ].join('\n');
}

/** A bitmap of the node. Those that are stored in its image are listed, too, and do not say whether they are recording. */
function listedBitmap(bitmap: string): string {
  const [name, recording] = [quote(`"name": ${json(bitmap)}`), quote('"recording": ')];
  return `$reply =~ \\{[^{}]*(${name}[^{}]*${recording}|${recording}[^{}]*${name})[^{}]*\\}`;
}

const shownIf = (is: '==' | '!=', key: string, name: string): string =>
  `[[ ! $reply ${is} *${quote(`"${key}": ${json(name)}`)}* ]] || shows "$reply"`;
